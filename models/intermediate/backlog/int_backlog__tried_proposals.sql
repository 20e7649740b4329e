-- The proposals of the last year's runs, noise too, held once more to the policies: priority, guardrails and whether
-- anything is proposed at all follow from what the log kept. By the rows in force that is what was; with another row in
-- the place of one of these policies, what it would have been. A view that the command `policy try` runs.

{{ config(materialized='view', schema='scratch') }}

with

policy as ({{ policy_periods(ref('backlog')) }}
),

evidence_policy as ({{ policy_periods(ref('backlog_evidence')) }}
),

weights as ({{ policy_periods(ref('backlog_priority')) }}
),

sources as ({{ policy_periods(ref('backlog_sources'), ['source_type']) }}
),

calibration_policy as ({{ policy_periods(ref('calibration')) }}
),

logged as (
    select
        *,
        from_json(
            guardrails,
            '[{"guardrail": "VARCHAR", "measured": "DOUBLE", "bar": "DOUBLE", "is_passed": "BOOLEAN"}]'
        ) as rails,
        {{ measured_at('rails', 'cluster_min_score') }} as score,
        {{ measured_at('rails', 'cluster_min_events') }} as cluster_event_count,
        {{ measured_at('rails', 'cluster_min_unique_users') }} as cluster_unique_users,
        evidence ->> '$.status' as class_status,
        (evidence ->> '$.brier_score')::double as brier_score,
        (evidence ->> '$.precision_high_conf')::double as precision_high_conf,
        (evidence ->> '$.sample_count')::bigint as sample_count,
        (evidence ->> '$.drift_delta_brier')::double as drift_delta_brier,
        coalesce((evidence ->> '$.evidence') = 'alarm', false) as has_alarm
    from {{ ref('learning_backlog_proposals') }}
    where proposed_at > {{ as_of() }} - interval 1 year
),

weighed as (
    select
        logged.*,
        {{ retried_rails('logged', 'policy', 'evidence_policy') }} as tried_rails,
        {{ rounded(retried_priority('logged', 'weights'), 6) }} as tried_priority_score,
        {{ priority_label('tried_priority_score', 'weights') }} as tried_priority,
        coalesce(sources.is_active, false)
        and (
            logged.source_type != 'extraction_calibration'
            or evidence_policy.require_evidence and logged.has_alarm
            or {{ calibration_status('logged', 'calibration_policy') }} != 'healthy'
            or {{ calibration_drift_status('logged.drift_delta_brier', 'calibration_policy') }} = 'drift_alert'
        ) as is_proposed,
        [rail for rail in tried_rails if not rail.is_passed][1] as missed_guardrail,
        policy.max_candidates_per_source,
        policy.max_candidates_per_run,
        policy.reopen_min_priority_gain as tried_min_priority_gain,
        policy.reopen_min_label_gain as tried_min_label_gain
    from logged
    inner join policy on {{ in_force('policy', 'logged.proposed_at') }}
    inner join evidence_policy on {{ in_force('evidence_policy', 'logged.proposed_at') }}
    inner join weights on {{ in_force('weights', 'logged.proposed_at') }}
    inner join calibration_policy on {{ in_force('calibration_policy', 'logged.period_starts_on') }}
    left join sources
        on logged.source_type = sources.source_type and {{ in_force('sources', 'logged.proposed_at') }}
),

final as (
    select
        * replace (
            tried_priority_score as priority_score,
            tried_priority as priority,
            tried_rails as guardrails,
            tried_min_priority_gain as reopen_min_priority_gain,
            tried_min_label_gain as reopen_min_label_gain
        ),
        verdict as verdict_then,
        case
            when not is_proposed then 'not_proposed'
            when missed_guardrail is not null then 'filtered_noise'
            when row_number() over (
                partition by run_id, is_proposed, candidate_key, missed_guardrail is null
                order by tried_priority_score desc, proposal_number asc
            ) > 1 then 'duplicate_in_run'
        end as early_verdict
    from weighed
)

select * from final
