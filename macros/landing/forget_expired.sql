{# At the start of a run: rows that the policy `retention` no longer keeps leave the stores. Their lines in the ledger
   count them as ignored from now on. What was computed from them is computed anew, so the run must be a full refresh. #}
{% macro forget_expired(run_id) %}
    {% set policy = run_query("select getvariable('learning_loop_retention')").rows[0][0] %}
    {% do run_query("create or replace table scratch.retention as " ~ policy | replace('{as_of}', run_id)) %}
    {% set ledger = adapter.get_relation(database=target.database, schema=target.schema, identifier='landing_files') %}
    {% set expired = [] %}
    {% if ledger and flags.WHICH in ('build', 'run') %}
        {% for row in run_query("select feed, kept_from::varchar from scratch.retention order by feed").rows %}
            {% set store = adapter.get_relation(
                database=target.database, schema='staging', identifier='stg_' ~ row[0]
            ) %}
            {% set is_old = instant_of_feed(row[0]) ~ " < timestamptz '" ~ row[1] ~ "'" %}
            {% if store and run_query("select count(*) from " ~ store ~ " where " ~ is_old).rows[0][0] %}
                {% do expired.append(row[0]) %}
                {% do run_query(
                    "update " ~ ledger ~ " as files set kept = kept - old.row_count, ignored = ignored + old.row_count"
                    ~ " from (select source_file, count(*) as row_count from " ~ store ~ " where " ~ is_old
                    ~ " and not is_displaced group by all) as old"
                    ~ " where files.source_file = old.source_file and files.feed = '" ~ row[0] ~ "'"
                ) %}
                {% do run_query("delete from " ~ store ~ " where " ~ is_old) %}
                {% do reread_conflicts("'" ~ row[0] ~ "'") %}
            {% endif %}
        {% endfor %}
    {% endif %}
    {% if expired and not flags.FULL_REFRESH %}
        {% do exceptions.raise_compiler_error(
            "Rows of " ~ expired | join(', ') ~ " are older than the policy `retention` keeps, and all marts must be "
            ~ "computed without them: add --full-refresh (`learning-loop nightly` does so by itself)."
        ) %}
    {% endif %}
{% endmacro %}

{# The column that says when a row of the feed happened. #}
{% macro instant_of_feed(feed) %}
    {% for node in graph.nodes.values() if node.config.get('feed') == feed %}
        {{ return(node.config.get('instant')) }}
    {% endfor %}
    {% do exceptions.raise_compiler_error("seeds/policy/retention.csv names no feed: " ~ feed) %}
{% endmacro %}

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

{# Of a feed's rows of tonight, those that are too old to be kept count as ignored. #}
{% macro ignore_expired(judged) %}
    update {{ judged }} set is_ignored = true
    where reason_code is null
        and {{ config.get('instant') }}
            < (select kept_from from scratch.retention where feed = '{{ config.get("feed") }}')
{% endmacro %}
