-- Every state that an experiment was in, with its plan. Its instant is that of its latest word on itself.

{{ config(
    materialized='landing_feed',
    feed='ingest_experiments',
    identity=['experiment_id', 'status'],
    instant='happened_at'
) }}

with

raw_rows as ({{ feed_rows('ingest_experiments') }}
),

parsed as (
    select
        *,
        case
            when row_defect is null then from_json(raw_row, '{
                "id": "VARCHAR", "name": "VARCHAR", "hypothesis": "VARCHAR", "scope_json": "VARCHAR",
                "status": "VARCHAR", "started_at": "VARCHAR", "ended_at": "VARCHAR", "updated_at": "VARCHAR"
            }')
        end as row
    from raw_rows
),

typed as (
    select
        source_file,
        raw_row,
        row_defect,
        nullif(row.id, '') as experiment_id,
        nullif(row.name, '') as experiment_name,
        nullif(row.hypothesis, '') as hypothesis,
        {{ object_text('row.scope_json') }} as scope_json,
        row.scope_json as scope_json_text,
        nullif(row.status, '') as status,
        {{ instant('row.started_at') }} as started_at,
        row.started_at as started_at_text,
        {{ instant('row.ended_at') }} as ended_at,
        row.ended_at as ended_at_text,
        {{ instant('row.updated_at') }} as updated_at,
        row.updated_at as updated_at_text
    from parsed
),

judged as (
    select
        *,
        case
            {{ bad_texts(['experiment_id', 'experiment_name', 'hypothesis', 'status']) }}
            {{ long_ids(['experiment_id']) }}
            {{ bad_instants([], ['started_at', 'ended_at', 'updated_at']) }}
            when coalesce(updated_at, ended_at, started_at) is null then {{ defect('missing_field', 'updated_at') }}
            {{ bad_choice('status', ['planned', 'running', 'completed', 'aborted']) }}
            {{ bad_casts(['scope_json'], 'object') }}
        end as defect
    from typed
),

final as (
    select
        {{ landing_verdict() }},
        experiment_id,
        {{ redacted('experiment_name') }} as experiment_name,
        {{ redacted('hypothesis') }} as hypothesis,
        {{ redacted('scope_json') }} as scope_json,
        status,
        started_at,
        ended_at,
        updated_at,
        coalesce(updated_at, ended_at, started_at) as happened_at
    from judged
)

select * from final
