-- Every processed ticket of the touched runs, once: selections, with what failed about them beside them, and hard
-- failures that never got as far as a selection. A view: no ticket is written a second time to be read twice.

{{ config(materialized='view', schema='scratch') }}

with

tickets as not materialized (
    select * from {{ ref('int_stage_b__tickets') }}
),

failures as (
    select * from {{ ref('int_stage_b__failures') }}
),

-- The few failures are kept in memory, and the many selections go past them.
failed_and_selected as (
    select
        run_id,
        mission,
        global_step,
        ticket_key
    from tickets
    semi join failures using (run_id, mission, global_step, ticket_key)
),

failed_alone as (
    select * from failures
    anti join failed_and_selected using (run_id, mission, global_step, ticket_key)
),

all_tickets as not materialized (
    select
        tickets.*,
        failures.failure_reason
    from tickets
    left join failures using (run_id, mission, global_step, ticket_key)
    union all by name
    select
        run_id,
        mission,
        ticket_key,
        group_id,
        gt_label,
        epoch,
        global_step,
        failure_reason
    from failed_alone
),

in_force as (
    select * from {{ ref('int_stage_b__reflections') }}
    where is_active_at_its_step
),

steps as (
    select
        run_id,
        mission,
        global_step
    from tickets
    union
    select
        run_id,
        mission,
        global_step
    from failures
),

-- What is in force at a step is looked for once a step: beside the tickets themselves all their texts would be sorted.
in_force_at as (
    select
        steps.run_id,
        steps.mission,
        steps.global_step,
        in_force.reflection_id
    from steps
    asof inner join in_force
        on
            steps.run_id = in_force.run_id
            and steps.mission = in_force.mission
            and steps.global_step >= in_force.global_step
),

final as (
    select
        all_tickets.*,
        case
            when all_tickets.failure_reason is not null then null
            when not all_tickets.has_winner then 'no_winner'
            when not coalesce(all_tickets.label_match, false) then 'winner_contradicts_label'
        end as need_review_reason,
        in_force_at.reflection_id
    from all_tickets
    left join in_force_at
        on
            all_tickets.run_id = in_force_at.run_id
            and all_tickets.mission = in_force_at.mission
            and all_tickets.global_step = in_force_at.global_step
)

select * from final
