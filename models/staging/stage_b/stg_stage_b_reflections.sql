-- What each reflection proposed to change in the rules, and whether that was applied.

{{ config(
    materialized='landing_feed',
    feed='stage_b_reflections',
    identity=['run_id', 'mission', 'reflection_id'],
    instant='row_at'
) }}

with

raw_rows as (
    select
        source_file,
        raw_row,
        {{ row_defect('raw_row') }} as row_defect
    from {{ ref('landing_rows') }}
    where feed = 'stage_b_reflections'
),

parsed as (
    select
        *,
        case
            when row_defect is null then from_json(raw_row, '{
                "mission": "VARCHAR", "epoch": "VARCHAR", "global_step": "VARCHAR", "timestamp": "VARCHAR"
            }')
        end as line,
        case when row_defect is null then raw_row ->> '$.reflection' end as reflection_text,
        case
            when left(reflection_text, 1) = '{' and json_valid(reflection_text)
                then from_json(reflection_text, '{{ reflection_shape() }}')
        end as reflection,
        case
            when reflection is not null then nullif(reflection_text ->> '$.proposal.operations', '')
        end as operations_text
    from raw_rows
),

typed as (
    select
        *,
        {{ stage_b_run_id() }} as run_id,
        {{ stage_b_mission() }} as mission,
        coalesce(nullif(line.mission, ''), nullif(reflection.mission, '')) as line_mission,
        {{ stage_b_row_at('line.timestamp') }} as row_at,
        nullif(reflection.reflection_id, '') as reflection_id,
        {{ whole_number('line.epoch') }} as epoch,
        {{ whole_number('line.global_step') }} as global_step,
        {{ flag('reflection.applied') }} as is_applied,
        {{ flag('reflection.eligible') }} as is_eligible,
        {{ json_list('reflection.evidence_group_ids') }} as evidence_group_ids,
        {{ whole_number('reflection.guidance_step_before') }} as guidance_step_before,
        {{ whole_number('reflection.guidance_step_after') }} as guidance_step_after,
        reflection.proposal.operations
    from parsed
),

judged as (
    select
        *,
        {{ reflection_defect() }} as defect
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
        reflection_id,
        epoch,
        global_step,
        is_applied,
        is_eligible,
        coalesce(evidence_group_ids, []) as evidence_group_ids,
        reflection.proposal.action,
        coalesce(operations, []) as operations,
        guidance_step_before,
        guidance_step_after
    from judged
)

select * from final
