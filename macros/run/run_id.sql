{# The run's name: its as_of, as it was asked for. #}
{% macro run_id() -%}
    run.run_id()
{%- endmacro %}
