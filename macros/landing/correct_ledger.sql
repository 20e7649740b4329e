{# The files of rows that went are read again, those that are still there. #}
{% macro correct_ledger() %}
    {% set ledger = adapter.get_relation(database=target.database, schema=target.schema, identifier='landing_files') %}
    {% set quarantine = adapter.get_relation(
        database=target.database, schema=target.schema, identifier='quarantined_rows'
    ) %}
    {% do run_query(
        "delete from " ~ quarantine ~ " where reason_code = 'conflicting_redelivery' and released_at is null"
        ~ " and (feed, source_file, row_number) in"
        ~ " (select (feed, source_file, row_number) from scratch.forgotten where is_displaced)"
    ) %}
    {% do run_query(
        "update " ~ ledger ~ " as files set reader_version = 0, rows_in = rows_in - lost.row_count,"
        ~ " kept = kept - (lost.row_count - lost.displaced_count), quarantined = quarantined - lost.displaced_count"
        ~ " from (select feed, source_file, count(*) as row_count, count_if(is_displaced)::bigint as displaced_count"
        ~ " from scratch.forgotten group by all) as lost"
        ~ " where files.feed = lost.feed and files.source_file = lost.source_file"
    ) %}
    {% do reread_conflicts('select feed from scratch.forgotten') %}
{% endmacro %}
