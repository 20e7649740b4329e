-- What is known of a stream before a watched week, by tenths of confidence: its claims up to some weeks before it,
-- since it is watched. The lag keeps a slow decay out of its own baseline. Claims of sessions that fail together weigh
-- less: counted whole, the baseline would look surer than it is, and its error like a drop.

{{ config(schema='scratch') }}

with

-- A row for each tenth in each week, so that the sum up to a week stands there also where the week has no such claim.
tenths as (
    select
        *,
        period_starts_on - 7 * baseline_lag_weeks as known_until,
        unnest(range(10))::integer as bin_index
    from {{ ref('int_calibration__watched_weeks') }}
    where channel = 'drift'
),

known as (
    select
        tenths.claim_class,
        tenths.parser_version,
        tenths.watched_from,
        tenths.period_starts_on,
        tenths.bin_index,
        sum(bins.claim_count) over to_here as claim_count,
        sum(bins.right_count) over to_here as right_count,
        sum(bins.confidence_sum) over to_here as confidence_sum
    from tenths
    left join {{ ref('int_calibration__horizon_bins') }} as bins
        using (claim_class, parser_version, period_starts_on, bin_index)
    window to_here as (
        partition by tenths.claim_class, tenths.parser_version, tenths.watched_from, tenths.bin_index
        order by tenths.period_starts_on
    )
),

before_the_lag as (
    select
        tenths.claim_class,
        tenths.parser_version,
        tenths.watched_from,
        tenths.period_starts_on,
        tenths.bin_index,
        tenths.prior_sd,
        known.claim_count,
        known.right_count,
        known.confidence_sum
    from tenths
    asof inner join known
        on
            tenths.claim_class = known.claim_class
            and tenths.parser_version = known.parser_version
            and tenths.watched_from = known.watched_from
            and tenths.bin_index = known.bin_index
            and tenths.known_until >= known.period_starts_on
),

final as (
    select
        before_the_lag.claim_class,
        before_the_lag.parser_version,
        before_the_lag.watched_from,
        before_the_lag.period_starts_on,
        before_the_lag.bin_index,
        before_the_lag.prior_sd,
        1 / effects.design_effect as claim_weight,
        before_the_lag.claim_count::double as claim_count,
        before_the_lag.right_count::double as right_count,
        before_the_lag.confidence_sum::double / before_the_lag.claim_count as confidence
    from before_the_lag
    inner join {{ ref('int_calibration__design_effects') }} as effects
        using (claim_class, parser_version, period_starts_on)
    where before_the_lag.claim_count > 0
)

select * from final
