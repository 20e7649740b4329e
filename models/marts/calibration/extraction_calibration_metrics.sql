-- How well each stream's confidence agreed with what people later left standing, per day and week, and how it moved
-- against the stream's previous period that has samples.

{{ config(
    materialized='incremental',
    pre_hook="{{ forget_touched(ref('int_calibration__drift_periods')) }}"
) }}

with

scores as (
    select
        *,
        lag(brier_score) over stream as previous_brier_score,
        lag(period_starts_on) over stream as previous_period_starts_on
    from {{ ref('int_calibration__scores') }}
    window stream as (
        partition by period_granularity, claim_class, parser_version order by period_starts_on
    )
),

policy as ({{ policy_periods(ref('calibration')) }}
),

judged as (
    select
        scores.*,
        policy.* exclude (valid_from, valid_to, window_days, correction_horizon_days),
        scores.brier_score - scores.previous_brier_score as drift_delta_brier,
        {{ calibration_status('scores', 'policy') }} as status,
        {{ calibration_drift_status('(scores.brier_score - scores.previous_brier_score)', 'policy') }} as drift_status
    from scores
    semi join {{ ref('int_calibration__drift_periods') }} using (period_granularity, period_starts_on)
    inner join policy on {{ in_force('policy', 'scores.period_starts_on') }}
),

final as (
    select
        period_granularity,
        {{ period_key('period_granularity', 'period_starts_on') }} as period_key,
        period_starts_on,
        claim_class,
        parser_version,
        status,
        drift_status,
        drift_delta_brier,
        drift_alert_delta_brier,
        {{ period_key('period_granularity', 'previous_period_starts_on') }} as previous_period_key,
        sample_count,
        correct_count,
        sample_count - correct_count as incorrect_count,
        {{ rate_with_bounds('correct_count', 'sample_count', 'accuracy') }},
        avg_confidence,
        brier_score,
        brier_monitor_max,
        brier_degraded_max,
        high_count,
        high_correct_count,
        {{ rate_with_bounds('high_correct_count', 'high_count', 'precision_high_conf') }},
        precision_monitor_min,
        precision_degraded_min,
        {{ rate_with_bounds('high_correct_count', 'correct_count', 'recall_high_conf') }},
        reliability,
        resolution,
        uncertainty,
        brier_score - (reliability - resolution + uncertainty) as within_bin_residual,
        expected_calibration_error,
        matured_count,
        {{ rate_with_bounds('matured_count', 'sample_count', 'matured_share') }},
        brier_excess,
        {{ calibration_metric_data() }} as metric_data,
        {{ as_of() }} as computed_at
    from judged
)

select * from final
