{# What a list of words weighs: each by its letters, from heaviest_letters on alike. #}
{% macro title_weight(words) -%}
    coalesce(list_sum([least(length(word), heaviest_letters) for word in {{ words }}]), 0)
{%- endmacro %}
