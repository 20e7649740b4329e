-- Every safety flag and compliance incident that was raised on a candidate.

{{ config(
    materialized='landing_feed',
    feed='quality_flags',
    identity=['candidate_id', 'flag', 'raised_at'],
    instant='raised_at'
) }}

with

raw_rows as ({{ feed_rows('quality_flags') }}
),

parsed as (
    select
        *,
        case
            when row_defect is null then from_json(raw_row, '{
                "candidate_id": "VARCHAR", "flag": "VARCHAR", "raised_at": "VARCHAR", "raised_by": "VARCHAR"
            }')
        end as row
    from raw_rows
),

typed as (
    select
        source_file,
        raw_row,
        row_defect,
        nullif(row.candidate_id, '') as candidate_id,
        nullif(row.flag, '') as flag,
        {{ instant('row.raised_at') }} as raised_at,
        row.raised_at as raised_at_text,
        nullif(row.raised_by, '') as raised_by
    from parsed
),

judged as (
    select
        *,
        case
            {{ bad_texts(['candidate_id', 'flag'], ['raised_by']) }}
            {{ long_ids(['candidate_id', 'raised_by']) }}
            {{ bad_instants(['raised_at']) }}
            {{ bad_choice('flag', ['safety', 'compliance_incident']) }}
        end as defect
    from typed
),

final as (
    select
        {{ landing_verdict() }},
        candidate_id,
        flag,
        raised_at,
        {{ pseudonym('raised_by') }} as raised_by
    from judged
)

select * from final
