{# The run's name: its as_of, as it was asked for. #}
{% macro run_id() -%}
    getvariable('run_id')
{%- endmacro %}
