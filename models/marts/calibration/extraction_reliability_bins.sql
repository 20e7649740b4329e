-- The reliability diagram of each week and stream as rows: ten bins, the empty ones too, so that a chart has no gaps.

{{ config(
    materialized='incremental',
    pre_hook="{{ forget_touched(ref('int_calibration__touched_periods'), ['period_starts_on']) }}"
) }}

with

streams as (
    select
        period_granularity,
        period_starts_on,
        claim_class,
        parser_version,
        unnest(range(10))::integer as bin_index
    from {{ ref('int_calibration__stream_counts') }}
    semi join {{ ref('int_calibration__touched_periods') }}
        using (period_granularity, period_starts_on)
    where period_granularity = 'week' and sample_count > 0
),

final as (
    select
        {{ period_key("'week'", 'streams.period_starts_on') }} as period_key,
        streams.period_starts_on,
        streams.claim_class,
        streams.parser_version,
        streams.bin_index,
        streams.bin_index / 10 as bin_from,
        (streams.bin_index + 1) / 10 as bin_to,
        coalesce(bins.sample_count, 0) as sample_count,
        coalesce(bins.correct_count, 0) as correct_count,
        bins.confidence_sum::double / bins.sample_count as mean_confidence,
        {{ rate_with_bounds('bins.correct_count', 'bins.sample_count', 'accuracy') }},
        {{ as_of() }} as computed_at
    from streams
    left join {{ ref('int_calibration__bins') }} as bins
        using (period_granularity, period_starts_on, claim_class, parser_version, bin_index)
)

select * from final
