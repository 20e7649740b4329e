-- What the issue clusters of the latest week propose, one row per cluster, in the form of every source: what it is
-- about, how pressing it is, the guardrails it is held to, and the facts its texts are filled with.

{{ config(schema='scratch') }}

with

clusters as (
    select * from {{ ref('learning_issue_clusters') }}
    where period_granularity = 'week' and period_starts_on = {{ latest_week() }}
),

policy as ({{ policy_in_force(ref('backlog')) }}
),

weights as ({{ policy_in_force(ref('backlog_priority')) }}
),

cluster_policy as ({{ policy_in_force(ref('issue_clusters')) }}
),

-- The weeks of the cluster window in which the signature was a cluster: one bad week or a lasting one?
weeks as (
    select
        clusters.cluster_signature,
        list(clusters.period_key order by clusters.period_starts_on) as period_keys
    from {{ ref('learning_issue_clusters') }} as clusters
    inner join cluster_policy
        on clusters.period_starts_on > {{ as_of() }} - to_days(cluster_policy.window_days)
    where clusters.period_granularity = 'week'
    group by clusters.cluster_signature
),

-- What the signals say of themselves: the invariant and the issue type, which a signature only hashes. An event is
-- captured at most a day after its timestamp.
subjects as (
    select
        signals.cluster_signature,
        list_sort(list(distinct signals.invariant_id)) as invariant_ids,
        list_sort(list(distinct signals.issue_type)) as issue_types
    from {{ ref('stg_events__signals') }} as signals
    semi join clusters on signals.cluster_signature = clusters.cluster_signature
    where
        signals.event_at >= {{ latest_week() }} - interval 1 day
        and date_trunc('week', signals.captured_at) = {{ latest_week() }}
    group by signals.cluster_signature
),

described as (
    select
        clusters.*,
        policy.cluster_min_score,
        policy.cluster_min_events,
        policy.cluster_min_unique_users,
        weeks.period_keys,
        subjects.invariant_ids,
        subjects.issue_types,
        {{ cluster_priority('clusters.score', 'clusters.event_count', 'clusters.unique_users', 'weights') }}
            as exact_priority_score
    from clusters
    cross join policy
    cross join weights
    left join weeks on clusters.cluster_signature = weeks.cluster_signature
    left join subjects on clusters.cluster_signature = subjects.cluster_signature
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
        [
            {{ guardrail('cluster_min_score', 'score') }},
            {{ guardrail('cluster_min_events', 'event_count') }},
            {{ guardrail('cluster_min_unique_users', 'unique_users') }}
        ] as guardrails,
        signal_type_top as text_variant,
        {{ cluster_facts() }} as facts,
        [
            { 'metric': 'issue_cluster_score', 'value': score, 'period_key': period_key },
            { 'metric': 'issue_cluster_events', 'value': event_count::double, 'period_key': period_key },
            { 'metric': 'issue_cluster_users', 'value': unique_users::double, 'period_key': period_key }
        ] as impacted_metrics,
        cluster_data as evidence
    from described
)

select * from final
