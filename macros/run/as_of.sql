{# The one instant of the run, as a timestamptz literal. No model reads the wall clock. #}
{% macro as_of() -%}
    timestamptz '{{ run_instant() }}'
{%- endmacro %}

{# The run's id. Fixed by start_run; while dbt only parses, any text will do. #}
{% macro run_instant() -%}
    {%- if execute -%}
        {{ run_query('select run_id from scratch.run_context').rows[0][0] }}
    {%- else -%}
        1970-01-01T00:00:00Z
    {%- endif -%}
{%- endmacro %}
