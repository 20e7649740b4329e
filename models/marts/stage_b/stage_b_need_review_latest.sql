-- Per ticket of a run the last time it needed review, and whether a later selection got it right or a reviewer
-- answered, the last answer counting. An answer has no step: it settles the ticket, whenever the run came back to it.

{{ config(materialized='view') }}

with

latest as (
    select * from {{ ref('stage_b_need_review_queue') }} as queue
    qualify row_number() over (
        partition by run_id, mission, ticket_key order by {{ stage_b_moment('queue') }} desc
    ) = 1
),

-- A ticket that needed review at its last selection has no later one, so the step alone tells what is later, but
-- where two epochs share a step.
resolved as (
    select
        latest.run_id,
        latest.mission,
        latest.ticket_key,
        min(outcomes.global_step) as resolved_at_global_step
    from latest
    inner join {{ ref('stage_b_ticket_outcomes') }} as outcomes
        on
            latest.run_id = outcomes.run_id
            and latest.mission = outcomes.mission
            and latest.ticket_key = outcomes.ticket_key
            and {{ stage_b_moment('outcomes') }} > {{ stage_b_moment('latest') }}
    where outcomes.review_bucket not in ('failure_malformed', 'need_review')
    group by latest.run_id, latest.mission, latest.ticket_key
),

answers as (
    select * from {{ ref('stg_stage_b_review_labels') }}
    where not is_displaced and reviewed_at <= {{ as_of() }}
    qualify row_number() over (
        partition by run_id, mission, ticket_key order by reviewed_at desc, review_id desc
    ) = 1
),

final as (
    select
        latest.run_id,
        latest.mission,
        latest.ticket_key,
        latest.group_id,
        latest.gt_label,
        latest.pred_verdict,
        latest.pred_reason,
        latest.reason_code,
        latest.epoch,
        latest.epoch_step,
        latest.global_step,
        latest.reflection_cycle,
        latest.reflection_id,
        latest.any_candidate_supports,
        resolved.resolved_at_global_step is not null or answers.review_id is not null as is_resolved,
        resolved.resolved_at_global_step,
        case
            when resolved.resolved_at_global_step is not null then 'selection'
            when answers.review_id is not null then 'review'
        end as resolved_by,
        answers.label as review_label,
        answers.reviewed_at,
        answers.actor_user_id as reviewer_id,
        latest.computed_at
    from latest
    left join resolved using (run_id, mission, ticket_key)
    left join answers using (run_id, mission, ticket_key)
)

select * from final
