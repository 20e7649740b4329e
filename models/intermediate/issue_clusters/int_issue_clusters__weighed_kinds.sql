-- What a signal weighs follows from its kind and its period: each touched period's kinds of signals, and their weights.
-- Kinds are few. Lives for one night, as the touched periods do.

{{ config(schema='scratch') }}

with

kinds_of_days as (
    select distinct
        captured_at::date as day,
        signal_type,
        category,
        workflow_phase,
        confidence_band,
        mismatch_severity
    from {{ ref('stg_events__signals') }}
    where captured_at >= {{ touched_from(ref('int_issue_clusters__touched_periods')) }}
),

kinds_of_periods as (
    select
        *,
        unnest({{ period_starts('day') }}, recursive := true)
    from kinds_of_days
),

kinds as (
    select distinct * exclude (day)
    from kinds_of_periods
),

policy as ({{ policy_periods(ref('issue_clusters')) }}
),

weights as ({{ policy_periods(ref('signal_weights'), ['signal_type', 'category']) }}
),

bands as ({{ policy_periods(ref('confidence_bands'), ['confidence_band']) }}
),

mismatches as ({{ policy_periods(ref('mismatch_severities'), ['mismatch_severity']) }}
),

-- A signal's own weight, else its category's, else that of the unknown.
weighed as (
    select
        kinds.*,
        policy.max_events_per_user_per_bucket,
        policy.representative_examples,
        kinds.confidence_band = 'low' and not policy.include_low_confidence as is_low_confidence,
        coalesce(own.is_scaled_by_mismatch, false) as is_scaled,
        coalesce(own.severity, by_category.severity, fallback.severity)
        * if(is_scaled, mismatches.multiplier, 1) * bands.severity_multiplier as severity,
        coalesce(own.impact, by_category.impact, fallback.impact)
        * if(is_scaled, mismatches.multiplier, 1) as impact
    from kinds
    semi join {{ ref('int_issue_clusters__touched_periods') }} using (period_granularity, period_starts_on)
    inner join policy on {{ in_force('policy', 'kinds.period_starts_on') }}
    left join weights as own
        on
            kinds.signal_type = own.signal_type and own.category = '*'
            and {{ in_force('own', 'kinds.period_starts_on') }}
    left join weights as by_category
        on
            by_category.signal_type = '*' and kinds.category = by_category.category
            and {{ in_force('by_category', 'kinds.period_starts_on') }}
    left join weights as fallback
        on
            fallback.signal_type = '*' and fallback.category = '*'
            and {{ in_force('fallback', 'kinds.period_starts_on') }}
    left join bands
        on kinds.confidence_band = bands.confidence_band and {{ in_force('bands', 'kinds.period_starts_on') }}
    left join mismatches
        on
            kinds.mismatch_severity = mismatches.mismatch_severity
            and {{ in_force('mismatches', 'kinds.period_starts_on') }}
),

final as (
    select
        row_number() over ()::integer as kind_number,
        dense_rank() over (order by period_granularity, period_starts_on)::integer as period_number,
        period_granularity,
        period_starts_on,
        signal_type,
        category,
        workflow_phase,
        confidence_band,
        mismatch_severity,
        max_events_per_user_per_bucket,
        representative_examples,
        is_low_confidence,
        severity,
        impact
    from weighed
)

select * from final
