{# SQL with a literal in the place of each value of the run. #}
{% macro with_values_of_this_run(sql) %}
    {%- set filled = namespace(sql=sql) -%}
    {%- for name, type in run_variables().items() if 'run.' ~ name ~ '()' in sql -%}
        {%- set value = run_query('select run.' ~ name ~ '()::varchar').rows[0][0] -%}
        {%- set filled.sql = filled.sql | replace('run.' ~ name ~ '()', type ~ " '" ~ value ~ "'") -%}
    {%- endfor -%}
    {{ filled.sql }}
{%- endmacro %}
