-- Each time the fail-first rule overrode a verdict, whether a phrase in force would have spared the ticket, and each
-- ticket that its run says a phrase did spare. The phrase shown is the first by name of those the reason holds: that of
-- the selection, or the winning candidate's own, since an override writes over the first.

{{ config(
    materialized='incremental',
    pre_hook="{{ forget_touched(ref('int_stage_b__touched_runs'), ['run_id', 'mission']) }}"
) }}

with

concerned as (
    select
        tickets.*,
        runs.started_at as run_started_at
    from {{ ref('int_stage_b__tickets') }} as tickets
    inner join {{ ref('int_stage_b__runs') }} as runs using (run_id, mission)
    where tickets.has_fail_first_override or tickets.fail_first_exception_phrase is not null
),

own as (
    select
        concerned.run_id,
        concerned.mission,
        concerned.epoch,
        concerned.global_step,
        concerned.ticket_key,
        string_agg(distinct candidates.given_reason, chr(10) order by candidates.given_reason) as winner_reason
    from concerned
    inner join {{ ref('stg_stage_b_trajectories') }} as candidates
        on
            concerned.run_id = candidates.run_id
            and concerned.mission = candidates.mission
            and concerned.epoch = candidates.epoch
            and concerned.ticket_key = candidates.ticket_key
            and concerned.selected_candidate = candidates.candidate_index
            and candidates.global_step in (concerned.global_step, -1)
    where not candidates.is_displaced and candidates.row_at <= {{ as_of() }}
    group by concerned.run_id, concerned.mission, concerned.epoch, concerned.global_step, concerned.ticket_key
),

phrases as ({{ policy_periods(ref('fail_first_exception_phrases'), ['phrase']) }}
),

met as (
    select
        concerned.run_id,
        concerned.mission,
        concerned.epoch,
        concerned.global_step,
        concerned.ticket_key,
        min(phrases.phrase) as seed_phrase
    from concerned
    left join own using (run_id, mission, epoch, global_step, ticket_key)
    inner join phrases
        on
            (contains(concerned.reason, phrases.phrase) or contains(own.winner_reason, phrases.phrase))
            and {{ in_force('phrases', 'concerned.run_started_at') }}
    group by concerned.run_id, concerned.mission, concerned.epoch, concerned.global_step, concerned.ticket_key
),

final as (
    select
        concerned.run_id,
        concerned.mission,
        concerned.ticket_key,
        concerned.group_id,
        concerned.gt_label,
        concerned.epoch,
        concerned.epoch_step,
        concerned.global_step,
        concerned.verdict as pred_verdict,
        concerned.reason as pred_reason,
        own.winner_reason,
        concerned.label_match,
        concerned.has_fail_first_override,
        met.seed_phrase,
        concerned.fail_first_exception_phrase as run_phrase,
        case
            when not concerned.has_fail_first_override then 'spared'
            when coalesce(met.seed_phrase, concerned.fail_first_exception_phrase) is not null
                then 'would_have_been_spared'
            else 'overridden'
        end as audit_verdict,
        {{ as_of() }} as computed_at
    from concerned
    left join own using (run_id, mission, epoch, global_step, ticket_key)
    left join met using (run_id, mission, epoch, global_step, ticket_key)
)

select * from final
