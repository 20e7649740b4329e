{# When the run began by the clock: for the log of runs only. #}
{% macro started_at() -%}
    run.started_at()
{%- endmacro %}
