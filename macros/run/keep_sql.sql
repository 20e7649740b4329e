{#
  Keeps the compiled SQL of the models tagged `foresight` in operations.kept_sql, and the functions of the schema
  scratch that they call: the command line foresees the next night with what the last one ran, not with a second version of it.
  The database's name is left out: a copy of the file bears another.
#}
{% macro keep_sql(results) %}
    {% set kept = [] %}
    {% for result in results
        if result.node.resource_type == 'model' and 'foresight' in result.node.tags and result.node.compiled_code %}
        {% set text = result.node.compiled_code | replace('"' ~ target.database ~ '".', '') | replace("'", "''") %}
        {% do kept.append("('" ~ result.node.name ~ "', 'model', '" ~ text ~ "')") %}
    {% endfor %}
    {# Two processes of one night may end at once: the one between that keeps nothing writes nothing. #}
    {% if part_of_run() == 'middle' %}{{ return('') }}{% endif %}
    {% do run_query('create schema if not exists operations') %}
    {% do run_query(
        'create table if not exists operations.kept_sql (name varchar, kind varchar, sql_text varchar)'
    ) %}
    {# Written anew as a whole: neither a key nor a replaced row is there on DuckLake. #}
    {% do run_query(
        'create or replace table operations.kept_sql as with tonight as ('
        ~ ('from (values ' ~ kept | join(', ') ~ ') as t (name, kind, sql_text) union all ' if kept else '')
        ~ "select function_name as name, 'function' as kind, 'create or replace temp macro '"
        ~ " || function_name || '(' || array_to_string(parameters, ', ') || ') as ' || macro_definition as sql_text"
        ~ " from duckdb_functions() where schema_name = 'scratch' and database_name = current_database()"
        ~ " and function_type = 'macro') from tonight"
        ~ ' union all select name, kind, sql_text from operations.kept_sql anti join tonight using (name)'
    ) %}
{% endmacro %}
