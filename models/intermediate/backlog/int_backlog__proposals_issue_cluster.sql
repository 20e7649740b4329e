-- What the issue clusters of the weeks of this run propose, one row per cluster, in the form of every source: what it
-- is about, how pressing it is, the guardrails it is held to, and the facts its texts are filled with.

{{ config(schema='scratch') }}

with

clusters as (
    select * from {{ ref('learning_issue_clusters') }}
    semi join {{ ref('int_backlog__weeks') }} using (period_starts_on)
    where period_granularity = 'week'
),

policy as ({{ policy_in_force(ref('backlog')) }}
),

weights as ({{ policy_in_force(ref('backlog_priority')) }}
),

described as (
    select
        clusters.*,
        policy.cluster_min_score,
        policy.cluster_min_events,
        policy.cluster_min_unique_users,
        histories.weeks_recurring,
        histories.first_recurred_on,
        coalesce(histories.invariant_ids, []) as invariant_ids,
        coalesce(histories.issue_types, []) as issue_types,
        coalesce(from_json(clusters.cluster_data -> '$.affected_workflow_phases', '["VARCHAR"]'), []) as phases,
        clusters.cluster_data -> '$.aggregates.trend' as trend_data,
        {{ cluster_priority('clusters.score', 'clusters.event_count', 'clusters.unique_users', 'weights') }}
            as exact_priority_score
    from clusters
    cross join policy
    cross join weights
    left join {{ ref('int_backlog__cluster_histories') }} as histories using (cluster_signature, period_starts_on)
),

final as (
    select
        'issue_cluster' as source_type,
        cluster_signature as source_ref,
        to_json([cluster_signature])::varchar as subject_ref,
        to_json([cluster_signature])::varchar as source_row_ref,
        period_key as source_period_key,
        period_starts_on,
        {{ rounded('exact_priority_score', 6) }} as priority_score,
        event_count,
        unique_users,
        weeks_recurring,
        first_recurred_on,
        trend_data as trend,
        [
            {{ guardrail('cluster_min_score', 'score') }},
            {{ guardrail('cluster_min_events', 'event_count') }},
            {{ guardrail('cluster_min_unique_users', 'unique_users') }}
        ] as guardrails,
        signal_type_top as text_variant,
        {{ cluster_facts() }} as facts,
        {{ cluster_metrics() }} as impacted_metrics,
        {{ cluster_targets() }} as update_targets,
        cluster_data as evidence
    from described
)

select * from final
