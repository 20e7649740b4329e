-- People's decisions that exist at as_of, each with what the rules ask of it: was its actor an approver then, and had
-- the checklist's manual steps been completed then? Of several reports on one step the last up to the decision counts.
-- A short key stands for its key; one that no run had given stays as it is, and is refused as unknown.

with

decisions as (
    select stored.* replace (coalesce(short_keys.candidate_key, stored.candidate_key) as candidate_key)
    from {{ ref('stg_backlog_decisions') }} as stored
    left join {{ ref('int_backlog__short_keys_before_tonight') }} as short_keys
        on lower(stored.candidate_key) = short_keys.short_key
    where not stored.is_displaced and stored.decided_at <= {{ as_of() }}
),

reported as (
    select
        decisions.decision_id,
        {{ backlog_last_report('regression_test_implementation') }} as last_test_report,
        {{ backlog_last_report('shadow_re_evaluation') }} as last_shadow_report
    from decisions
    inner join {{ ref('int_backlog__step_reports') }} as reports
        on decisions.candidate_key = reports.candidate_key and decisions.decided_at >= reports.reported_at
    group by decisions.decision_id
),

final as (
    select
        decisions.decision_id,
        decisions.candidate_key,
        decisions.decision,
        decisions.actor,
        decisions.decided_at,
        decisions.reason,
        decisions.issue_ref,
        decisions.snooze_until,
        decisions.recorded_by,
        {{ may_decide("'approver'", 'decisions.actor', 'decisions.decided_at') }} as is_by_approver,
        case when reported.last_test_report.is_completed then reported.last_test_report.reported_at end
            as test_completed_at,
        case when reported.last_shadow_report.is_completed then reported.last_shadow_report.reported_at end
            as shadow_passed_at
    from decisions
    left join reported on decisions.decision_id = reported.decision_id
)

select * from final
