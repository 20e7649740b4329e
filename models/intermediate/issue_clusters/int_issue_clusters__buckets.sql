-- Every bucket of a period and a signature, cluster or not, with its factors and the verdict on it. That a signature
-- is no cluster is an answer too: it says which bar it missed.

{{ config(
    materialized='incremental',
    pre_hook="{{ forget_touched(ref('int_issue_clusters__touched_periods')) }}"
) }}

with

policy as ({{ policy_periods(ref('issue_clusters')) }}
),

counted as (
    select
        period_granularity,
        period_starts_on,
        cluster_signature,
        sum(counted.total_signals)::bigint as total_signals,
        sum(counted.event_count)::bigint as event_count,
        sum(counted.unique_users)::bigint as unique_users,
        coalesce(
            sum(counted.total_signals) filter (where counted.is_low_confidence), 0
        )::bigint as low_confidence_count,
        coalesce(
            sum(counted.total_signals - counted.event_count) filter (where not counted.is_low_confidence), 0
        )::bigint as dominance_dropped_count,
        {{ exact_sum('counted.severity', 'counted.event_count > 0', times='counted.event_count') }} as severity_sum,
        {{ exact_sum('counted.impact', 'counted.event_count > 0', times='counted.event_count') }} as impact_sum
    from {{ ref('int_issue_clusters__counted_kinds') }} as counted
    group by period_granularity, period_starts_on, cluster_signature
),

measured as (
    select
        counted.*,
        policy.*,
        least(1, counted.event_count / policy.frequency_reference_count) as frequency,
        counted.severity_sum::double / counted.event_count as severity,
        counted.impact_sum::double / counted.event_count as impact,
        (
            least(1, counted.unique_users / policy.reproducibility_reference_users)
            + least(1, counted.event_count / counted.unique_users / 2)
        ) / 2 as reproducibility
    from counted
    inner join policy on {{ in_force('policy', 'counted.period_starts_on') }}
),

final as (
    select
        period_granularity,
        {{ period_key('period_granularity', 'period_starts_on') }} as period_key,
        period_starts_on,
        cluster_signature,
        case
            when event_count = 0 then 'filtered_low_confidence'
            when event_count < min_support then 'filtered_min_support'
            when unique_users < min_unique_users then 'filtered_unique_users'
            else 'cluster'
        end as verdict,
        {{ rounded('frequency * severity * impact * reproducibility', 6) }} as score,
        event_count,
        unique_users,
        frequency,
        severity,
        impact,
        reproducibility,
        total_signals,
        low_confidence_count,
        dominance_dropped_count,
        min_support,
        min_unique_users,
        max_events_per_user_per_bucket,
        include_low_confidence,
        representative_examples,
        {{ as_of() }} as computed_at
    from measured
)

select * from final
