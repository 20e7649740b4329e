{# At the start of a run: who was erased. From tonight's landing folder (`run.erased()`), and from earlier ones,
   since the file of an erasure may be gone and its person's rows come again all the same. #}
{% macro load_erased() %}
    {% do run_query(
        "create or replace table scratch.erased as select distinct unnest(from_json("
        ~ "coalesce(run.erased()::varchar, '[]'), '[\"VARCHAR\"]')) as tombstone"
    ) %}
    {# The policy by the seed's file of tonight: the models are not built yet. #}
    {% set policy = run_query("select run.approvals()").rows[0][0] %}
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
