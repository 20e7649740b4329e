-- Every state that an extraction run was in. Its instant is its end; while it runs, its start.

{{ config(
    materialized='landing_feed',
    feed='ingest_runs',
    identity=['extraction_run_id', 'status'],
    instant='happened_at'
) }}

with

raw_rows as ({{ feed_rows('ingest_runs') }}
),

parsed as (
    select
        *,
        case
            when row_defect is null then from_json(raw_row, '{
                "id": "VARCHAR", "source_key": "VARCHAR", "started_at": "VARCHAR", "finished_at": "VARCHAR",
                "status": "VARCHAR", "meta_json": "VARCHAR"
            }')
        end as row
    from raw_rows
),

typed as (
    select
        source_file,
        raw_row,
        row_defect,
        nullif(row.id, '') as extraction_run_id,
        nullif(row.source_key, '') as source_key,
        {{ instant('row.started_at') }} as started_at,
        row.started_at as started_at_text,
        {{ instant('row.finished_at') }} as finished_at,
        row.finished_at as finished_at_text,
        nullif(row.status, '') as status,
        {{ object_text('row.meta_json') }} as meta_json,
        row.meta_json as meta_json_text
    from parsed
),

judged as (
    select
        *,
        case
            {{ bad_texts(['extraction_run_id', 'source_key', 'status']) }}
            {{ long_ids(['extraction_run_id', 'source_key']) }}
            {{ bad_instants(['started_at'], ['finished_at']) }}
            {{ bad_choice('status', ['running', 'success', 'partial', 'failed']) }}
            {{ bad_casts(['meta_json'], 'object') }}
        end as defect
    from typed
),

final as (
    select
        {{ landing_verdict() }},
        extraction_run_id,
        source_key,
        started_at,
        finished_at,
        coalesce(finished_at, started_at) as happened_at,
        status,
        {{ redacted('meta_json') }} as meta_json
    from judged
)

select * from final
