-- What is known of each cluster of the weeks of this run beside its numbers: how long it has been one, and what its
-- signals say of themselves, the invariant and the issue type, which a signature only hashes.

{{ config(schema='scratch') }}

with

clusters as (
    select
        cluster_signature,
        period_starts_on
    from {{ ref('learning_issue_clusters') }}
    semi join {{ ref('int_backlog__weeks') }} using (period_starts_on)
    where period_granularity = 'week'
),

-- Of all weeks that are known up to this one: one bad week or a lasting one?
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

looked_at as (
    select min(period_starts_on) as since
    from {{ ref('int_backlog__weeks') }}
),

-- An event is captured at most a day after its timestamp.
subjects as (
    select
        signals.cluster_signature,
        date_trunc('week', signals.captured_at)::date as period_starts_on,
        coalesce(list_sort(list(distinct nullif(signals.invariant_id, 'none'))), []) as invariant_ids,
        coalesce(list_sort(list(distinct signals.issue_type)), []) as issue_types
    from {{ ref('stg_events__signals') }} as signals
    inner join looked_at on signals.event_at >= looked_at.since - interval 1 day
    group by signals.cluster_signature, date_trunc('week', signals.captured_at)::date
),

final as (
    select
        weeks.cluster_signature,
        weeks.period_starts_on,
        weeks.weeks_recurring,
        weeks.first_recurred_on,
        subjects.invariant_ids,
        subjects.issue_types
    from weeks
    left join subjects using (cluster_signature, period_starts_on)
)

select * from final
