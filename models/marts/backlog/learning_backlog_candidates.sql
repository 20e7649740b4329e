-- The backlog: a row per key for ever, a pure fold over what the runs proposed and what people decided. Nothing is
-- known about a candidate that is not in these two logs, so the table can be dropped and built again.

with

states as (
    select * from {{ ref('int_backlog__steps') }}
    where entry_kind = 'close' and status is not null
),

checklists as (
    select
        candidate_key,
        {{ backlog_checklist() }} as promotion_checklist,
        max(completed_at) as last_completed_at
    from {{ ref('learning_backlog_checklist') }}
    group by candidate_key
),

-- Of the week that a candidate shows, what can be opened.
examples as (
    select
        cluster_signature,
        period_key,
        list({
            'event_id': event_id,
            'captured_at': {{ iso_instant('captured_at') }},
            'signal_type': signal_type,
            'issue_type': issue_type,
            'invariant_id': invariant_id,
            'agent_version': agent_version,
            'workflow_phase': workflow_phase,
            'modality': modality,
            'confidence_band': confidence_band,
            'attributes': attributes
        } order by example_number) as examples
    from {{ ref('learning_issue_cluster_examples') }}
    where period_granularity = 'week'
    group by cluster_signature, period_key
),

-- Of a signature its rate decides; of a class that rate, or that it was proposed again.
regressed as (
    select
        candidate_key,
        promoted_at
    from {{ ref('fix_effects') }}
    where is_regressed
    union
    select
        candidate_key,
        promoted_at
    from {{ ref('learning_backlog_regressions') }}
    where source_type != 'issue_cluster'
),

shown as (
    select
        states.candidate_key,
        short_keys.short_key,
        states.status,
        states.status_changed_at,
        states.decided_by,
        states.reopened_count,
        proposals.* exclude (candidate_key, suggested_updates),
        proposals.suggested_updates is not null as is_structured,
        coalesce(proposals.suggested_updates, to_json({
            'invariant_updates': proposals.invariant_updates,
            'policy_updates': proposals.policy_updates,
            'regression_tests': proposals.regression_tests
        })) as suggested_updates,
        examples.examples,
        checklists.promotion_checklist,
        sightings.* exclude (candidate_key),
        proposals.proposed_at as computed_at,
        greatest(proposals.proposed_at, states.status_changed_at, checklists.last_completed_at) as updated_at,
        regressed.candidate_key is not null as is_regressed
    from states
    inner join {{ ref('learning_backlog_proposals') }} as proposals
        on
            states.candidate_key = proposals.candidate_key
            and states.content.run_id = proposals.run_id
            and states.content.proposal_number = proposals.proposal_number
    inner join {{ ref('int_backlog__sightings') }} as sightings on states.candidate_key = sightings.candidate_key
    inner join checklists on states.candidate_key = checklists.candidate_key
    left join examples
        on
            proposals.source_type = 'issue_cluster'
            and proposals.source_ref = examples.cluster_signature
            and proposals.source_period_key = examples.period_key
    inner join {{ ref('int_backlog__short_keys') }} as short_keys on states.candidate_key = short_keys.candidate_key
    left join regressed
        on
            states.candidate_key = regressed.candidate_key
            and states.status = 'promoted'
            and states.status_changed_at = regressed.promoted_at
),

final as (
    select
        candidate_key,
        short_key,
        status,
        source_type,
        source_period_key,
        source_ref,
        priority_score,
        priority,
        title,
        root_cause_hypothesis,
        impacted_metrics,
        suggested_updates,
        promotion_checklist,
        {{ backlog_issue_payload() }} as issue_payload,
        guardrails,
        true as approval_required,
        first_seen_at,
        last_seen_at,
        times_seen,
        quiet_weeks,
        computed_at,
        updated_at,
        status_changed_at,
        decided_by,
        reopened_count,
        is_regressed,
        evidence,
        event_count,
        unique_users,
        weeks_recurring,
        first_recurred_on,
        trend
    from shown
)

select * from final
