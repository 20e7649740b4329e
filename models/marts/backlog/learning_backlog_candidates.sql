-- The backlog: a row per key for ever, a pure fold over what the runs proposed and what people decided. Nothing is
-- known about a candidate that is not in these two logs, so the table can be dropped and built again.

with

shown as (
    select * from {{ ref('int_backlog__shown_proposals') }}
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
        'issue_cluster' as source_type,
        cluster_signature as source_ref,
        period_key as source_period_key,
        {{ backlog_examples() }} as examples
    from {{ ref('learning_issue_cluster_examples') }}
    where period_granularity = 'week'
    group by cluster_signature, period_key
),

final as (
    select
        shown.candidate_key,
        short_keys.short_key,
        shown.status,
        shown.source_type,
        shown.source_period_key,
        shown.source_ref,
        shown.priority_score,
        shown.priority,
        shown.title,
        shown.root_cause_hypothesis,
        shown.impacted_metrics,
        shown.suggested_updates,
        checklists.promotion_checklist,
        {{ backlog_issue_payload('shown', 'examples.examples') }} as issue_payload,
        shown.guardrails,
        true as approval_required,
        sightings.first_seen_at,
        sightings.last_seen_at,
        sightings.times_seen,
        sightings.quiet_weeks,
        shown.proposed_at as computed_at,
        greatest(shown.proposed_at, shown.status_changed_at, checklists.last_completed_at) as updated_at,
        shown.status_changed_at,
        shown.decided_by,
        shown.reopened_count,
        shown.is_regressed,
        shown.evidence,
        shown.event_count,
        shown.unique_users,
        shown.weeks_recurring,
        shown.first_recurred_on,
        shown.trend
    from shown
    inner join {{ ref('int_backlog__sightings') }} as sightings on shown.candidate_key = sightings.candidate_key
    inner join checklists on shown.candidate_key = checklists.candidate_key
    inner join {{ ref('int_backlog__short_keys') }} as short_keys on shown.candidate_key = short_keys.candidate_key
    left join examples using (source_type, source_ref, source_period_key)
)

select * from final
