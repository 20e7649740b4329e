-- The signals of the touched periods, once per day and once per week, each with what it weighs there and its place
-- among its user's signals of the bucket. Lives for one night: the next one's touched periods are others.

{{ config(schema='scratch') }}

with

touched as (
    select * from {{ ref('int_issue_clusters__touched_periods') }}
),

in_periods as not materialized (
    select
        *,
        unnest({{ period_starts('captured_at') }}, recursive := true)
    from {{ ref('stg_events__signals') }}
    where captured_at >= {{ touched_from(ref('int_issue_clusters__touched_periods')) }}
),

policy as ({{ policy_periods(ref('issue_clusters')) }}
),

weights as ({{ policy_periods(ref('signal_weights'), ['signal_type', 'category']) }}
),

bands as ({{ policy_periods(ref('confidence_bands'), ['confidence_band']) }}
),

mismatches as ({{ policy_periods(ref('mismatch_severities'), ['mismatch_severity']) }}
),

-- What a signal weighs depends on its kind and period alone. Kinds are few: weighing them, not each signal, is half the
-- cost.
kinds as (
    select distinct
        period_granularity,
        period_starts_on,
        signal_type,
        category,
        confidence_band,
        mismatch_severity
    from in_periods
),

-- A signal's own weight, else its category's, else that of the unknown.
weighed_kinds as (
    select
        kinds.*,
        policy.max_events_per_user_per_bucket,
        kinds.confidence_band = 'low' and not policy.include_low_confidence as is_low_confidence,
        coalesce(own.is_scaled_by_mismatch, false) as is_scaled,
        coalesce(own.severity, by_category.severity, fallback.severity)
        * if(is_scaled, mismatches.multiplier, 1) * bands.severity_multiplier as severity,
        coalesce(own.impact, by_category.impact, fallback.impact)
        * if(is_scaled, mismatches.multiplier, 1) as impact
    from kinds
    semi join touched
        on
            kinds.period_granularity = touched.period_granularity
            and kinds.period_starts_on = touched.period_starts_on
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
        on
            kinds.confidence_band = bands.confidence_band
            and {{ in_force('bands', 'kinds.period_starts_on') }}
    left join mismatches
        on
            kinds.mismatch_severity = mismatches.mismatch_severity
            and {{ in_force('mismatches', 'kinds.period_starts_on') }}
),

weighted as (
    select
        in_periods.*,
        weighed_kinds.max_events_per_user_per_bucket,
        weighed_kinds.is_low_confidence,
        weighed_kinds.severity,
        weighed_kinds.impact
    from in_periods
    inner join weighed_kinds
        on
            in_periods.period_granularity = weighed_kinds.period_granularity
            and in_periods.period_starts_on = weighed_kinds.period_starts_on
            and in_periods.signal_type = weighed_kinds.signal_type
            and in_periods.category = weighed_kinds.category
            and in_periods.confidence_band = weighed_kinds.confidence_band
            and in_periods.mismatch_severity = weighed_kinds.mismatch_severity
),

-- Low confidence is dropped before the cap, so that it takes no place from a better signal of the same user.
-- The event id breaks ties: ids are unique, so the order is total.
final as (
    select
        period_granularity,
        period_starts_on,
        cluster_signature,
        event_id,
        captured_at,
        user_id,
        signal_type,
        workflow_phase,
        severity,
        impact,
        is_low_confidence,
        case
            when not is_low_confidence then row_number() over (
                partition by period_granularity, period_starts_on, cluster_signature, user_id, is_low_confidence
                order by captured_at, event_id
            )
        end as user_rank,
        coalesce(user_rank <= max_events_per_user_per_bucket, false) as is_kept
    from weighted
)

select * from final
