-- Every decision on a suggestion in its order, the state that it led to, or why it changed nothing. What was known is read
-- from the logs as of the decision: that a night had confirmed the suggestion, that the gate was shown as ready. So a
-- forged id, an adoption before its time and one that is dated back raise nothing.

with recursive

policy as ({{ policy_in_force(ref('tuning_policy')) }}
),

machines as ({{ policy_periods(ref('machine_actors'), ['actor']) }}
),

decisions as (
    {{ known_rows(ref('stg_suggestion_decisions'), 'decided_at') }}
),

known as (
    select
        decisions.decision_id,
        coalesce(bool_or(decisions.decided_at >= log.since), false) as is_known,
        coalesce(bool_or(
            decisions.decided_at >= log.since
            and decisions.decided_at < coalesce(log.ended_at, timestamptz 'infinity') + to_days(policy.keep_open_days)
        ), false) as is_standing
    from decisions
    cross join policy
    left join {{ ref('tuning_suggestion_log') }} as log
        on decisions.suggestion_id = log.suggestion_id and log.verdict = 'confirmed'
    group by decisions.decision_id
),

ready as (
    select distinct decisions.decision_id
    from decisions
    inner join {{ ref('experiment_gate_log') }} as gates
        on
            decisions.experiment_id = gates.experiment_id
            and gates.verdict = 'ready_for_approval'
            and decisions.decided_at >= gates.since
            and coalesce(decisions.decided_at < gates.ended_at, true)
),

-- Nights had passed its instant before it was there.
dated_back as (
    select distinct decisions.decision_id
    from decisions
    cross join policy
    inner join {{ ref('nightly_runs') }} as nights
        on
            nights.status = 'success'
            and decisions.loaded_in_run > nights.run_number
            and nights.as_of >= decisions.decided_at + to_days(policy.approval_late_days)
),

judged as (
    select
        decisions.*,
        row_number() over (
            partition by decisions.suggestion_id order by decisions.decided_at, decisions.decision_id
        ) as decision_number,
        {{ suggestion_refusal() }} as own_refusal
    from decisions
    inner join known on decisions.decision_id = known.decision_id
    left join ready on decisions.decision_id = ready.decision_id
    left join dated_back on decisions.decision_id = dated_back.decision_id
    left join machines on decisions.actor = machines.actor and {{ in_force('machines', 'decisions.decided_at') }}
),

steps as (
    {{ suggestion_steps('steps', 'judged') }}
),

final as (
    select
        judged.suggestion_id,
        judged.decision_number,
        judged.decision_id,
        judged.decision,
        judged.actor,
        judged.decided_at,
        judged.experiment_id,
        judged.config_version,
        judged.reason,
        judged.recorded_by,
        steps.status,
        steps.planned_experiment_id,
        steps.refusal
    from judged
    inner join steps on judged.suggestion_id = steps.suggestion_id and judged.decision_number = steps.decision_number
)

select * from final
