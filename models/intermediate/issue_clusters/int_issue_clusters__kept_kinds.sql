-- The kinds of signals that count in the clusters of the touched periods, with the earliest signals of each.

{{ config(materialized='view', schema='scratch') }}

with

clusters as (
    select buckets.*
    from {{ ref('int_issue_clusters__buckets') }} as buckets
    semi join {{ ref('int_issue_clusters__touched_periods') }} using (period_granularity, period_starts_on)
    where buckets.verdict = 'cluster'
),

final as (
    select
        clusters.period_granularity,
        clusters.period_key,
        clusters.period_starts_on,
        clusters.cluster_signature,
        clusters.representative_examples,
        counted.signal_type,
        counted.workflow_phase,
        counted.event_count,
        counted.first_seen_at,
        counted.last_seen_at,
        counted.earliest
    from {{ ref('int_issue_clusters__counted_kinds') }} as counted
    inner join clusters using (period_granularity, period_starts_on, cluster_signature)
    where counted.event_count > 0
)

select * from final
