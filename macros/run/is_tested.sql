{# In a data test: the rows that the last successful run did not see; all of them with `nightly --all-tests`. #}
{% macro is_tested(instant) -%}
    {{ 'true' if var('all_tests') else is_touched(instant) }}
{%- endmacro %}
