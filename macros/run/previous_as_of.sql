{# The instant of the last successful run, as a literal; minus infinity when there was none or all is built anew. #}
{% macro previous_as_of() -%}
    {%- set context = run_query(
        "select previous_as_of::varchar, is_full_refresh from scratch.run_context"
    ).rows[0] if execute else [none, true] -%}
    timestamptz '{{ '-infinity' if context[1] or context[0] is none else context[0] }}'
{%- endmacro %}
