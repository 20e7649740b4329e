{# Logs outlive a full refresh: a pseudonym within their texts is struck out. #}
{% macro erase_names_from_logs() %}
    {% set columns = run_query(
        "select table_name, column_name, data_type from information_schema.columns"
        ~ " join information_schema.tables using (table_catalog, table_schema, table_name)"
        ~ " where table_schema = '" ~ target.schema ~ "' and table_type = 'BASE TABLE'"
        ~ " and table_catalog = current_database() and data_type in ('VARCHAR', 'JSON')"
    ) %}
    {% for name in run_query("select distinct name from scratch.forgotten").rows %}
        {% for column in columns.rows %}
            {% do run_query(
                "update " ~ target.schema ~ ".\"" ~ column[0] ~ "\" set \"" ~ column[1] ~ "\" = replace(\"" ~ column[1]
                ~ "\"::varchar, '" ~ (name[0] | replace("'", "''")) ~ "', '[erased]')::" ~ column[2]
                ~ " where contains(\"" ~ column[1] ~ "\"::varchar, '" ~ (name[0] | replace("'", "''")) ~ "')"
            ) %}
        {% endfor %}
    {% endfor %}
{% endmacro %}
