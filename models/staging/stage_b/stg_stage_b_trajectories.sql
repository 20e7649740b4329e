-- Every candidate that a run made for a ticket at a step.

{{ config(
    materialized='landing_feed',
    feed='stage_b_trajectories',
    identity=['run_id', 'mission', 'epoch', 'global_step', 'ticket_key', 'candidate_index'],
    instant='row_at'
) }}

with

raw_rows as (
    select
        source_file,
        raw_row,
        {{ row_defect('raw_row') }} as row_defect
    from {{ ref('landing_rows') }}
    where feed = 'stage_b_trajectories'
),

parsed as (
    select
        *,
        case when row_defect is null then from_json(raw_row, '{{ ticket_line_shape() }}') end as line,
        case when row_defect is null then raw_row ->> '$.result' end as result_text,
        case
            when left(result_text, 1) = '{' and json_valid(result_text)
                then from_json(result_text, '{{ candidate_result_shape() }}')
        end as result
    from raw_rows
),

typed as (
    select
        *,
        {{ ticket_head() }},
        {{ whole_number('result.candidate_index') }} as candidate_index,
        nullif(result.verdict, '') as verdict,
        {{ flag('result.format_ok') }} as is_format_ok,
        {{ flag('result.label_match') }} as label_match
    from parsed
),

judged as (
    select
        *,
        {{ trajectory_defect() }} as defect
    from typed
),

final as (
    select
        source_file,
        false as is_ignored,
        coalesce(row_defect, defect.reason_code) as reason_code,
        case when row_defect is null then defect.detail else {{ row_defect_detail('raw_row') }} end as detail,
        case when reason_code is not null then {{ quarantine_text('raw_row') }} end as raw_row,
        run_id,
        mission,
        row_at,
        ticket_key,
        group_id,
        gt_label,
        epoch,
        epoch_step,
        global_step,
        candidate_index,
        verdict,
        {{ redacted('result.reason') }} as given_reason,
        is_format_ok,
        label_match
    from judged
)

select * from final
