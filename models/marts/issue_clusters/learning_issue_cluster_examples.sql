-- The examples of each cluster, to be opened: what the signal said of itself, and the beginning of its attributes. An
-- example is one of the events that count, so a retraction or an erasure takes it away with its cluster's numbers.

{{ config(
    materialized='incremental',
    pre_hook="{{ forget_touched(ref('int_issue_clusters__touched_periods')) }}"
) }}

with

clusters as (
    select
        period_granularity,
        period_key,
        period_starts_on,
        cluster_signature,
        list_slice(
            list_sort(flatten(list(earliest))), 1, any_value(greatest(representative_examples, 0))
        ) as earliest
    from {{ ref('int_issue_clusters__kept_kinds') }}
    group by period_granularity, period_key, period_starts_on, cluster_signature
),

examples as (
    select
        * exclude (earliest),
        unnest(earliest).event_id as event_id,
        generate_subscripts(earliest, 1) as example_number
    from clusters
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
