{# When the run began by the clock: for the log of runs only. #}
{% macro started_at() -%}
    getvariable('started_at')
{%- endmacro %}
