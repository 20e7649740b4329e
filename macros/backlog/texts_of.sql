{# The sentences of one part of a candidate, in their order. #}
{% macro texts_of(part) -%}
    coalesce(list(filled order by text_position, filled) filter (where part = '{{ part }}'), [])
{%- endmacro %}
