-- The hard failures of the touched runs, each with what it says of its step and epoch, or what the ticket's own lines
-- say. A line that says neither failed in an epoch that has no selection of its ticket: the latest such one, a second
-- line of the ticket in the one before.

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

lost_tickets as (
    select distinct
        run_id,
        mission,
        ticket_key
    from failures
    where global_step is null
),

known_epochs as (
    select distinct
        run_id,
        mission,
        epoch
    from selections
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
    from lost_tickets as tickets
    inner join known_epochs as epochs using (run_id, mission)
    anti join selections
        on
            tickets.run_id = selections.run_id
            and tickets.mission = selections.mission
            and tickets.ticket_key = selections.ticket_key
            and epochs.epoch = selections.epoch
),

final as (
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
)

select * from final
