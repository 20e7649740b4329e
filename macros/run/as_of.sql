{# The one instant of the run, as a timestamptz literal. No model reads the wall clock. #}
{% macro as_of() -%}
    timestamptz '{{ run_instant() }}'
{%- endmacro %}

{% macro run_instant() -%}
    {{ var('as_of') or run_started_at.strftime('%Y-%m-%dT%H:%M:%S.%fZ') }}
{%- endmacro %}
