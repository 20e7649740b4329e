{# The instant of the last successful run; minus infinity when there was none or all is built anew. #}
{% macro previous_as_of() -%}
    run.previous_as_of()
{%- endmacro %}
