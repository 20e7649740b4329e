{# The number of this run among the successful ones: rows are stamped with it when they are stored. #}
{% macro run_number() -%}
    run.run_number()
{%- endmacro %}
