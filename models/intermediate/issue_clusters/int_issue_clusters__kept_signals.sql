-- The signals that count in the clusters of the touched periods, the earliest first. The first ones are a cluster's
-- examples; the event id breaks ties.

{{ config(materialized='view', schema='scratch') }}

with

clusters as (
    select buckets.*
    from {{ ref('int_issue_clusters__buckets') }} as buckets
    semi join {{ ref('int_issue_clusters__touched_periods') }} using (period_granularity, period_starts_on)
    where buckets.verdict = 'cluster'
),

numbered as (
    select
        clusters.period_granularity,
        clusters.period_key,
        clusters.period_starts_on,
        clusters.cluster_signature,
        clusters.representative_examples,
        signals.event_id,
        signals.captured_at,
        signals.user_id,
        signals.signal_type,
        signals.workflow_phase,
        row_number() over (
            partition by signals.period_granularity, signals.period_starts_on, signals.cluster_signature
            order by signals.captured_at, signals.event_id
        ) as place
    from {{ ref('int_issue_clusters__weighted_signals') }} as signals
    inner join clusters using (period_granularity, period_starts_on, cluster_signature)
    where signals.is_kept
),

final as (
    select
        * exclude (representative_examples),
        place <= representative_examples as is_example
    from numbered
)

select * from final
