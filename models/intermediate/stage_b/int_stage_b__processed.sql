-- Every processed ticket of the touched runs, once: selections, with what failed about them beside them, and hard
-- failures that never got as far as a selection.

{{ config(schema='scratch') }}

with

tickets as (
    select * from {{ ref('int_stage_b__tickets') }}
),

failures as (
    select * from {{ ref('int_stage_b__failures') }}
),

failed_alone as (
    select * from failures
    anti join tickets
        on
            failures.run_id = tickets.run_id
            and failures.mission = tickets.mission
            and failures.global_step = tickets.global_step
            and failures.ticket_key = tickets.ticket_key
),

all_tickets as (
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

final as (
    select
        all_tickets.*,
        case
            when all_tickets.failure_reason is not null then null
            when not all_tickets.has_winner then 'no_winner'
            when not coalesce(all_tickets.label_match, false) then 'winner_contradicts_label'
        end as need_review_reason,
        in_force.reflection_id
    from all_tickets
    asof left join in_force
        on
            all_tickets.run_id = in_force.run_id
            and all_tickets.mission = in_force.mission
            and all_tickets.global_step >= in_force.global_step
)

select * from final
