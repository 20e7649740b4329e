-- What the issue clusters of the weeks of this run propose, one row per cluster, in the form of every source: what it is
-- about, how pressing it is, the guardrails it is held to, and the facts its texts are filled with.

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

-- The weeks in which the signature was a cluster, of all that are known up to this one: one bad week or a lasting one?
weeks as (
    select
        clusters.cluster_signature,
        clusters.period_starts_on,
        count(*) as weeks_recurring,
        min(known.period_starts_on) as first_recurred_on
    from clusters
    inner join {{ ref('learning_issue_clusters') }} as known
        on
            clusters.cluster_signature = known.cluster_signature
            and clusters.period_starts_on >= known.period_starts_on
            and known.period_granularity = 'week'
    group by clusters.cluster_signature, clusters.period_starts_on
),

-- What the signals say of themselves: the invariant and the issue type, which a signature only hashes. An event is
-- captured at most a day after its timestamp.
subjects as (
    select
        signals.cluster_signature,
        date_trunc('week', signals.captured_at)::date as period_starts_on,
        coalesce(list_sort(list(distinct nullif(signals.invariant_id, 'none'))), []) as invariant_ids,
        coalesce(list_sort(list(distinct signals.issue_type)), []) as issue_types
    from {{ ref('stg_events__signals') }} as signals
    semi join clusters
        on
            signals.cluster_signature = clusters.cluster_signature
            and date_trunc('week', signals.captured_at)::date = clusters.period_starts_on
    where signals.event_at >= (select min(period_starts_on) from {{ ref('int_backlog__weeks') }}) - interval 1 day
    group by signals.cluster_signature, date_trunc('week', signals.captured_at)::date
),

described as (
    select
        clusters.*,
        policy.cluster_min_score,
        policy.cluster_min_events,
        policy.cluster_min_unique_users,
        weeks.weeks_recurring,
        weeks.first_recurred_on,
        coalesce(subjects.invariant_ids, []) as invariant_ids,
        coalesce(subjects.issue_types, []) as issue_types,
        coalesce(from_json(clusters.cluster_data -> '$.affected_workflow_phases', '["VARCHAR"]'), []) as phases,
        clusters.cluster_data -> '$.aggregates.trend' as trend_data,
        greatest(0, least(1, clusters.score + least(
            weights.support_bonus_max,
            clusters.event_count / weights.events_reference * weights.events_weight
            + clusters.unique_users / weights.users_reference * weights.users_weight
        ))) as exact_priority_score
    from clusters
    cross join policy
    cross join weights
    left join weeks using (cluster_signature, period_starts_on)
    left join subjects using (cluster_signature, period_starts_on)
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
