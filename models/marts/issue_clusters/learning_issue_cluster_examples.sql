-- The examples of each cluster, to be opened: what the signal said of itself, and the beginning of its attributes. An
-- example is one of the events that count, so a retraction or an erasure takes it away with its cluster's numbers.

{{ config(
    materialized='incremental',
    pre_hook="{{ forget_touched(ref('int_issue_clusters__touched_periods')) }}"
) }}

with

clusters as (
    select buckets.*
    from {{ ref('int_issue_clusters__buckets') }} as buckets
    semi join {{ ref('int_issue_clusters__touched_periods') }} using (period_granularity, period_starts_on)
    where buckets.verdict = 'cluster'
),

examples as (
    select
        clusters.period_granularity,
        clusters.period_key,
        clusters.period_starts_on,
        clusters.cluster_signature,
        clusters.representative_examples,
        signals.event_id,
        row_number() over (
            partition by signals.period_granularity, signals.period_starts_on, signals.cluster_signature
            order by signals.captured_at, signals.event_id
        ) as example_number
    from {{ ref('int_issue_clusters__weighted_signals') }} as signals
    inner join clusters using (period_granularity, period_starts_on, cluster_signature)
    where signals.is_kept
    qualify example_number <= representative_examples
),

final as (
    select
        examples.period_granularity,
        examples.period_key,
        examples.period_starts_on,
        examples.cluster_signature,
        examples.example_number,
        examples.event_id,
        signals.captured_at,
        signals.user_id as pseudo_user,
        signals.signal_type,
        signals.category,
        signals.issue_type,
        signals.invariant_id,
        signals.agent_version,
        signals.workflow_phase,
        signals.modality,
        signals.confidence_band,
        signals.attributes,
        {{ as_of() }} as computed_at
    from examples
    inner join {{ ref('stg_events__signals') }} as signals on examples.event_id = signals.event_id
)

select * from final
