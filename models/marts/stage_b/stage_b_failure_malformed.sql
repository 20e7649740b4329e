-- Tickets that could not be judged at all, for debugging, apart from review. Each in the epoch and at the step it fell
-- in.

{{ config(
    materialized='incremental',
    pre_hook="{{ forget_touched(ref('int_stage_b__touched_runs'), ['run_id', 'mission']) }}"
) }}

with

final as (
    select
        run_id,
        mission,
        ticket_key,
        group_id,
        gt_label,
        failure_reason as reason,
        epoch,
        global_step,
        {{ as_of() }} as computed_at
    from {{ ref('int_stage_b__failures') }}
)

select * from final
