-- The hard failures of the touched runs, each at a step and in an epoch. A line may say neither: its step is then the
-- last of its cycle, or of its epoch, as far as the selections tell. What falls on one step is one failure.

{{ config(schema='scratch') }}

with

touched as ({{ of_touched_runs(ref('int_stage_b__runs')) }}
),

told as (
    select * from {{ ref('int_stage_b__told_failures') }}
),

selections as (
    select * from {{ ref('int_stage_b__tickets') }}
),

unsaid as (
    {{ last_steps('told', 'selections', ['ticket_key', 'unplaced_as'], [
        ('reflection_cycle', 'reflection_cycle'), ('epoch', 'epoch')
    ]) }}
),

placed as (
    select
        told.* replace (
            coalesce(told.global_step, unsaid.last_step, touched.last_known_step, 0) as global_step
        )
    from told
    inner join touched using (run_id, mission)
    left join unsaid using (run_id, mission, ticket_key, unplaced_as)
),

epochs as (
    select
        run_id,
        mission,
        global_step,
        max(epoch) as epoch
    from selections
    group by run_id, mission, global_step
),

final as (
    select
        placed.run_id,
        placed.mission,
        placed.ticket_key,
        placed.group_id,
        placed.gt_label,
        -- A run that selected nothing yet is in its first epoch.
        coalesce(placed.epoch, before.epoch, after.epoch, 1) as epoch,
        placed.global_step,
        placed.failure_reason
    from placed
    asof left join epochs as before
        on
            placed.run_id = before.run_id
            and placed.mission = before.mission
            and placed.global_step >= before.global_step
    asof left join epochs as after
        on
            placed.run_id = after.run_id
            and placed.mission = after.mission
            and placed.global_step <= after.global_step
    qualify row_number() over (
        partition by placed.run_id, placed.mission, placed.global_step, placed.ticket_key
        order by placed.failure_reason, placed.unplaced_as
    ) = 1
)

select * from final
