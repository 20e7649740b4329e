-- Brier score and its parts per period and stream (Murphy 1973, over ten bins). What the bins hide, confidence that
-- varies within a bin, is the residual: brier = reliability - resolution + uncertainty + residual.

{{ config(materialized='view') }}

with

streams as (
    select * from {{ ref('int_calibration__stream_counts') }}
    where sample_count > 0
),

bins as (
    select
        bins.*,
        bins.sample_count / streams.sample_count as share,
        (bins.confidence_sum::double - bins.correct_count) / bins.sample_count as gap,
        bins.correct_count / bins.sample_count - streams.correct_count / streams.sample_count as lift
    from {{ ref('int_calibration__bins') }} as bins
    inner join streams
        using (period_granularity, period_starts_on, claim_class, parser_version)
),

parts as (
    select
        period_granularity,
        period_starts_on,
        claim_class,
        parser_version,
        {{ exact_sum('share * gap * gap') }}::double as reliability,
        {{ exact_sum('share * lift * lift') }}::double as resolution,
        {{ exact_sum('share * abs(gap)') }}::double as expected_calibration_error
    from bins
    group by period_granularity, period_starts_on, claim_class, parser_version
),

final as (
    select
        streams.*,
        streams.confidence_sum::double / streams.sample_count as avg_confidence,
        streams.squared_error_sum::double / streams.sample_count as brier_score,
        (streams.squared_error_sum - streams.expected_squared_error_sum)::double / streams.sample_count as brier_excess,
        streams.correct_count / streams.sample_count as accuracy,
        streams.high_correct_count / nullif(streams.high_count, 0) as precision_high_conf,
        streams.high_correct_count / nullif(streams.correct_count, 0) as recall_high_conf,
        parts.reliability,
        parts.resolution,
        accuracy * (1 - accuracy) as uncertainty,
        parts.expected_calibration_error
    from streams
    inner join parts
        using (period_granularity, period_starts_on, claim_class, parser_version)
)

select * from final
