{# The number of this run among the successful ones: rows are stamped with it when they are stored. #}
{% macro run_number() -%}
    getvariable('run_number')
{%- endmacro %}
