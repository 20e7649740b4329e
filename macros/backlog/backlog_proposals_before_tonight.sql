{# The log of proposals as the last night left it, without a dependency: the log itself depends on what is found here. #}
{% macro backlog_proposals_before_tonight() -%}
    {%- set log = adapter.get_relation(
        database=target.database, schema=target.schema, identifier='learning_backlog_proposals'
    ) if execute else none -%}
    select
        run_id, proposed_at, proposal_number, candidate_key, source_type, subject_ref, verdict, period_starts_on,
        priority_score, priority, missing_parts, reopens_because
    {% if log -%}
    from {{ log }}
    where proposed_at < {{ as_of() }}
    {%- else -%}
    from (
        select
            null::varchar as run_id, null::timestamptz as proposed_at, null::bigint as proposal_number,
            null::varchar as candidate_key, null::varchar as source_type, null::varchar as subject_ref,
            null::varchar as verdict, null::date as period_starts_on, null::double as priority_score,
            null::varchar as priority, null::varchar[] as missing_parts, null::varchar as reopens_because
    )
    where false
    {%- endif %}
{%- endmacro %}
