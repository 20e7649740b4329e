-- Which candidate was given to which arm, and when.

{{ config(
    materialized='landing_feed',
    feed='ingest_experiment_assignments',
    identity=['experiment_id', 'candidate_id', 'arm'],
    instant='assigned_at'
) }}

with

raw_rows as ({{ feed_rows('ingest_experiment_assignments') }}
),

parsed as (
    select
        *,
        case
            when row_defect is null then from_json(raw_row, '{
                "experiment_id": "VARCHAR", "candidate_id": "VARCHAR", "arm": "VARCHAR",
                "assigned_at": "VARCHAR"
            }')
        end as row
    from raw_rows
),

typed as (
    select
        source_file,
        raw_row,
        row_defect,
        nullif(row.experiment_id, '') as experiment_id,
        nullif(row.candidate_id, '') as candidate_id,
        nullif(row.arm, '') as arm,
        {{ instant('row.assigned_at') }} as assigned_at,
        row.assigned_at as assigned_at_text
    from parsed
),

judged as (
    select
        *,
        case
            {{ bad_texts(['experiment_id', 'candidate_id', 'arm']) }}
            {{ long_ids(['experiment_id', 'candidate_id']) }}
            {{ bad_instants(['assigned_at']) }}
            {{ bad_choice('arm', ['control', 'treatment']) }}
        end as defect
    from typed
),

final as (
    select
        {{ landing_verdict() }},
        experiment_id,
        candidate_id,
        arm,
        assigned_at
    from judged
)

select * from final
