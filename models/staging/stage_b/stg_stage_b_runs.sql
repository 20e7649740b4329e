-- When a run began, as its run.json says: beside a mission's files it speaks for that mission, one folder up for all
-- missions of the run (mission is then empty).

{{ config(
    materialized='landing_feed',
    feed='stage_b_runs',
    identity=['run_id', 'mission'],
    instant='started_at'
) }}

with

raw_rows as (
    select
        source_file,
        raw_row,
        {{ row_defect('raw_row') }} as row_defect
    from {{ ref('landing_rows') }}
    where feed = 'stage_b_runs'
),

parsed as (
    select
        *,
        case when row_defect is null then raw_row ->> '$.started_at' end as started_at_text,
        {{ instant('started_at_text') }} as started_at
    from raw_rows
),

judged as (
    select
        *,
        case
            when nullif(started_at_text, '') is null then {{ defect('missing_field', 'started_at') }}
            when started_at is null then {{ defect('unreadable_instant', 'started_at') }}
            when started_at < timestamptz '2000-01-01' then {{ defect('instant_before_2000', 'started_at') }}
        end as defect
    from parsed
),

final as (
    select
        source_file,
        false as is_ignored,
        coalesce(row_defect, defect.reason_code) as reason_code,
        case when row_defect is null then defect.detail else {{ row_defect_detail('raw_row') }} end as detail,
        case when reason_code is not null then {{ quarantine_text('raw_row') }} end as raw_row,
        {{ stage_b_run_id() }} as run_id,
        case when len(string_split(source_file, '/')) > 3 then {{ stage_b_mission() }} else '' end as mission,
        started_at
    from judged
)

select * from final
