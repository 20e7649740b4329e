{# The chance that a candidate's parts add up to; null without a model. #}
{% macro chance_of_parts(parts) -%}
    {{ rounded('1 / (1 + exp(-list_sum([part.adds for part in ' ~ parts ~ '])))', 6) }}
{%- endmacro %}
