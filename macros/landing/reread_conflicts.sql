{# Where a row lost to one that is gone now, its file is read again: it may be the one that counts. A ledger line of
   reader version 0 is that of a file to be read again. #}
{% macro reread_conflicts(feeds) %}
    {% do run_query(
        "update " ~ adapter.get_relation(database=target.database, schema=target.schema, identifier='landing_files')
        ~ " set reader_version = 0 where (feed, source_file) in (select (feed, source_file) from "
        ~ adapter.get_relation(database=target.database, schema=target.schema, identifier='quarantined_rows')
        ~ " where reason_code = 'conflicting_redelivery' and released_at is null and feed in (" ~ feeds ~ "))"
    ) %}
{% endmacro %}
