{# What a person's rows are known by after an erasure: a keyed digest that names nobody. python/learning_loop/erasure.py
   says the same. #}
{% macro tombstone(pseudonym) -%}
    sha256(getvariable('learning_loop_salt') || ':erased:' || {{ pseudonym }})
{%- endmacro %}

{# The stores whose rows are a person's, with the column that says whose. #}
{% macro person_stores() %}
    {{ return([('events', 'user_id'), ('ingest_editor_labels', 'actor_user_id'), ('quality_flags', 'raised_by')]) }}
{% endmacro %}

{# At the start of a run: who was erased. From tonight's landing folder (a session variable), and from earlier ones,
   since the file of an erasure may be gone and its person's rows come again all the same. #}
{% macro load_erased() %}
    {% do run_query(
        "create or replace table scratch.erased as select distinct unnest(from_json("
        ~ "coalesce(getvariable('learning_loop_erased')::varchar, '[]'), '[\"VARCHAR\"]')) as tombstone"
    ) %}
    {# The policy by the seed's file of tonight: the models are not built yet. #}
    {% set policy = run_query("select getvariable('learning_loop_approvals')").rows[0][0] %}
    {% do run_query('create or replace table scratch.approvals as ' ~ policy) %}
    {% set stored = adapter.get_relation(database=target.database, schema='staging', identifier='stg_erasures') %}
    {% if stored %}
        {% do run_query(
            "insert into scratch.erased select distinct unnest(tombstones) from " ~ stored ~ " as stored"
            ~ " where not is_displaced and "
            ~ may_decide("'admin'", 'stored.actor', 'stored.erased_at', 'scratch.approvals')
            ~ " except select tombstone from scratch.erased"
        ) %}
    {% endif %}
    {% do run_query("create or replace table scratch.forgotten"
        ~ " (feed varchar, source_file varchar, row_number bigint, is_displaced boolean, name varchar)") %}
    {% if flags.WHICH in ('build', 'run') and run_query("select count(*) from scratch.erased").rows[0][0] %}
        {% do forget_erased() %}
    {% endif %}
{% endmacro %}

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

{# Of a feed's rows of tonight, those of erased persons count as ignored, good or bad. #}
{% macro ignore_erased(judged) %}
    {% set column = dict(person_stores()).get(config.get('feed')) %}
    {% if column %}
        update {{ judged }} set is_ignored = true, reason_code = null, detail = null, raw_row = null
        where (select count(*) from scratch.erased) > 0
            and {{ tombstone(column) }} in (select tombstone from scratch.erased)
    {% else %}
        select 1
    {% endif %}
{% endmacro %}

{# Post-hook of the quarantine: rows that went from a file with tonight's erasures are not kept as released. #}
{% macro forget_erased_quarantine() -%}
    delete from {{ this }}
    where released_at = {{ as_of() }}
        and source_file in (
            select unnest(source_files)
            from {{ adapter.get_relation(database=this.database, schema='staging', identifier='stg_erasures') }}
            where loaded_in_run = {{ run_number() }}
        )
{%- endmacro %}
