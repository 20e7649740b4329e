{# At the start of a run: rows that the policy `retention` no longer keeps leave the stores. Their lines in the ledger
   count them as ignored from now on. What was computed from them is computed anew, so the run must be a full refresh. #}
{% macro forget_expired(run_id) %}
    {% set policy = run_query("select run.retention()").rows[0][0] %}
    {% do run_query("create or replace table scratch.retention as " ~ policy | replace('{as_of}', run_id)) %}
    {% set ledger = adapter.get_relation(database=target.database, schema=target.schema, identifier='landing_files') %}
    {% set expired = [] %}
    {% set instants = instant_of_feed() %}
    {% if ledger and flags.WHICH in ('build', 'run') %}
        {% for row in run_query("select feed, kept_from::varchar from scratch.retention order by feed").rows %}
            {% set store = adapter.get_relation(
                database=target.database, schema='staging', identifier='stg_' ~ row[0]
            ) %}
            {% set is_old = instants[row[0]] ~ " < timestamptz '" ~ row[1] ~ "'" %}
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
