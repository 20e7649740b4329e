{#
  Deletes what is stored of erased persons, and has the files read again in which others' rows had lost to theirs.
  What was computed from their rows is computed anew, so the run must be a full refresh.
#}
{% macro forget_erased() %}
    {% for feed, column in person_stores() %}
        {% set store = adapter.get_relation(database=target.database, schema='staging', identifier='stg_' ~ feed) %}
        {% if store %}
            {% do run_query(
                "insert into scratch.forgotten select '" ~ feed ~ "', source_file, row_number, is_displaced, " ~ column
                ~ " from " ~ store ~ " where " ~ column ~ " in (select name from (select distinct " ~ column
                ~ " as name from " ~ store ~ ") where " ~ tombstone('name') ~ " in (select tombstone from scratch.erased))"
            ) %}
            {% do run_query(
                "delete from " ~ store ~ " where " ~ column ~ " in (select name from scratch.forgotten where feed = '"
                ~ feed ~ "')"
            ) %}
        {% endif %}
    {% endfor %}
    {% if run_query("select count(*) from scratch.forgotten").rows[0][0] %}
        {% if not flags.FULL_REFRESH %}
            {% do exceptions.raise_compiler_error(
                "Rows of an erased person are stored, and all marts must be computed without them: add --full-refresh "
                ~ "(`learning-loop nightly` does so by itself)."
            ) %}
        {% endif %}
        {% do correct_ledger() %}
        {% do erase_names_from_logs() %}
    {% endif %}
{% endmacro %}
