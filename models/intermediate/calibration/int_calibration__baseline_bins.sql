-- What is known of a stream before a watched week, by tenths of confidence: its claims up to some weeks before it, since
-- it is watched. The lag keeps a slow decay out of its own baseline. Claims of sessions that fail together weigh less:
-- counted whole, the baseline would look surer than it is, and its error like a drop.

{{ config(schema='scratch') }}

with

watched as (
    select * from {{ ref('int_calibration__watched_weeks') }}
    where channel = 'drift'
),

-- A row for each tenth in each week, so that the sum up to a week stands there also where the week has no such claim.
tenths as (
    select
        watched.*,
        unnest(range(10))::integer as bin_index
    from watched
),

summed as (
    select
        tenths.claim_class,
        tenths.parser_version,
        tenths.watched_from,
        tenths.period_starts_on,
        tenths.bin_index,
        tenths.prior_sd,
        effects.design_effect,
        sum(bins.claim_count) over before_the_lag as claim_count,
        sum(bins.right_count) over before_the_lag as right_count,
        sum(bins.confidence_sum) over before_the_lag as confidence_sum
    from tenths
    left join {{ ref('int_calibration__horizon_bins') }} as bins
        using (claim_class, parser_version, period_starts_on, bin_index)
    left join {{ ref('int_calibration__design_effects') }} as effects
        using (claim_class, parser_version, period_starts_on)
    window before_the_lag as (
        partition by tenths.claim_class, tenths.parser_version, tenths.watched_from, tenths.bin_index
        order by tenths.period_starts_on - date '2000-01-01'
        range between unbounded preceding and 7 * tenths.baseline_lag_weeks preceding
    )
),

final as (
    select
        claim_class,
        parser_version,
        watched_from,
        period_starts_on,
        bin_index,
        prior_sd,
        1 / design_effect as claim_weight,
        claim_count::double as claim_count,
        right_count::double as right_count,
        confidence_sum::double / claim_count as confidence
    from summed
    where claim_count > 0
)

select * from final
