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
        count(*) as total_signals,
        count(*) filter (where is_kept) as event_count,
        count(*) filter (where is_kept and user_rank = 1) as unique_users,
        count(*) filter (where is_low_confidence) as low_confidence_count,
        count(*) filter (where not is_low_confidence and not is_kept) as dominance_dropped_count,
        {{ exact_sum('severity', 'is_kept') }} as severity_sum,
        {{ exact_sum('impact', 'is_kept') }} as impact_sum
    from {{ ref('int_issue_clusters__weighted_signals') }}
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
