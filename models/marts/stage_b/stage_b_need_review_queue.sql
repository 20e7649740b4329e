-- The tickets that a person should look at: no candidate won, or the winner does not match the label. A hard failure
-- has nothing to look at and never comes here.

{{ config(
    materialized='incremental',
    pre_hook="{{ forget_touched(ref('int_stage_b__touched_runs'), ['run_id', 'mission']) }}"
) }}

with

waiting as (
    select * from {{ ref('int_stage_b__processed') }}
    where need_review_reason is not null
),

-- Only of the runs that are computed tonight: candidates are the most numerous rows of all. Those that do not say their
-- step are of the ticket's one selection in their epoch.
candidates as (
    select
        waiting.run_id,
        waiting.mission,
        waiting.epoch,
        waiting.global_step,
        waiting.ticket_key,
        bool_or(coalesce(candidates.label_match, false)) as any_candidate_supports
    from {{ ref('stg_stage_b_trajectories') }} as candidates
    inner join waiting
        on
            candidates.run_id = waiting.run_id
            and candidates.mission = waiting.mission
            and candidates.epoch = waiting.epoch
            and candidates.ticket_key = waiting.ticket_key
            and candidates.global_step in (waiting.global_step, -1)
    where not candidates.is_displaced and candidates.row_at <= {{ as_of() }}
    group by waiting.run_id, waiting.mission, waiting.epoch, waiting.global_step, waiting.ticket_key
),

-- any_candidate_supports stays null where no candidate was delivered: that none supports the label is not known.
final as (
    select
        waiting.run_id,
        waiting.mission,
        waiting.ticket_key,
        waiting.group_id,
        waiting.gt_label,
        waiting.verdict as pred_verdict,
        waiting.reason as pred_reason,
        waiting.need_review_reason as reason_code,
        waiting.epoch,
        waiting.epoch_step,
        waiting.global_step,
        waiting.reflection_cycle,
        waiting.reflection_id,
        candidates.any_candidate_supports,
        {{ as_of() }} as computed_at
    from waiting
    left join candidates using (run_id, mission, epoch, global_step, ticket_key)
)

select * from final
