-- The hard failures of the touched runs, each at a step and in an epoch. A line may say neither. Its step is then the last
-- of its cycle, or of its epoch; where it says nothing at all, it failed in an epoch that has no selection of its ticket:
-- the latest such one, a second line of the ticket in the one before. What falls on one step is one failure.

{{ config(schema='scratch') }}

with

touched as ({{ of_touched_runs(ref('int_stage_b__runs')) }}
),

failures as (
    select failures.* replace (nullif(failures.global_step, -1) as global_step)
    from {{ ref('stg_stage_b_failure_malformed') }} as failures
    semi join touched on failures.run_id = touched.run_id and failures.mission = touched.mission
    where not failures.is_displaced and failures.row_at <= {{ as_of() }}
),

selections as (
    select * from {{ ref('int_stage_b__tickets') }}
),

steps as (
    select
        run_id,
        mission,
        epoch,
        reflection_cycle,
        max(global_step) as last_step
    from selections
    group by run_id, mission, epoch, reflection_cycle
),

trajectories as (
    select
        candidates.run_id,
        candidates.mission,
        candidates.ticket_key,
        candidates.global_step,
        max(candidates.epoch) as epoch
    from {{ ref('stg_stage_b_trajectories') }} as candidates
    semi join failures using (run_id, mission, ticket_key)
    where not candidates.is_displaced and candidates.row_at <= {{ as_of() }} and candidates.global_step >= 0
    group by candidates.run_id, candidates.mission, candidates.ticket_key, candidates.global_step
),

-- The epochs of a run without a selection of the ticket, the latest first.
without_selection as (
    select
        tickets.run_id,
        tickets.mission,
        tickets.ticket_key,
        epochs.epoch,
        row_number() over (
            partition by tickets.run_id, tickets.mission, tickets.ticket_key order by epochs.epoch desc
        ) as place
    from (select distinct run_id, mission, ticket_key from failures where global_step is null) as tickets
    inner join (select distinct run_id, mission, epoch from steps) as epochs using (run_id, mission)
    anti join selections
        on
            tickets.run_id = selections.run_id
            and tickets.mission = selections.mission
            and tickets.ticket_key = selections.ticket_key
            and epochs.epoch = selections.epoch
),

-- Of each line what it says, else what the ticket's own lines say.
told as (
    select
        failures.* exclude (epoch),
        coalesce(
            failures.epoch,
            trajectories.epoch,
            case
                when failures.global_step is null and failures.reflection_cycle is null then without_selection.epoch
            end
        ) as epoch
    from (
        select
            *,
            row_number() over (
                partition by run_id, mission, ticket_key, global_step is null order by unplaced_as
            ) as place
        from failures
    ) as failures
    left join trajectories using (run_id, mission, ticket_key, global_step)
    left join without_selection using (run_id, mission, ticket_key, place)
),

unsaid as (
    select
        told.run_id,
        told.mission,
        told.ticket_key,
        told.unplaced_as,
        coalesce(
            max(steps.last_step) filter (where steps.reflection_cycle <= told.reflection_cycle),
            max(steps.last_step) filter (where steps.epoch <= told.epoch),
            max(steps.last_step)
        ) as last_step
    from told
    inner join steps on told.run_id = steps.run_id and told.mission = steps.mission
    where told.global_step is null
    group by told.run_id, told.mission, told.ticket_key, told.unplaced_as
),

placed as (
    select told.* replace (
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
