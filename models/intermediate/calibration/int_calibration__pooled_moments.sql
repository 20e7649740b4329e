-- What was known some weeks before a week of how much the claims of a class vary, over all its streams: what it is
-- measured against is each stream's own mean surprise, so that a stream that is always off does not look as if its
-- sessions were alike.

{{ config(schema='scratch') }}

with

watched as (
    select distinct
        claim_class,
        period_starts_on,
        baseline_lag_weeks,
        session_prior_claims
    from {{ ref('int_calibration__watched_weeks') }}
),

known as (
    select
        claim_class,
        parser_version,
        period_starts_on,
        sum(claim_count) over to_here as claim_count,
        sum(size_squares) over to_here as size_squares,
        (sum(surprise_sum) over to_here)::double as surprise_sum,
        (sum(claim_surprise_squares) over to_here)::double as claim_surprise_squares,
        (sum(session_surprise_squares) over to_here)::double as session_surprise_squares,
        (sum(size_times_surprise) over to_here)::double as size_times_surprise,
        (sum(surprise_sum) over to_here / sum(claim_count) over to_here)::double as mean_surprise
    from {{ ref('int_calibration__session_moments') }}
    window to_here as (partition by claim_class, parser_version order by period_starts_on)
),

streams as (
    select distinct
        claim_class,
        parser_version
    from {{ ref('int_calibration__session_moments') }}
),

asked as (
    select
        watched.*,
        streams.parser_version,
        watched.period_starts_on - 7 * watched.baseline_lag_weeks as known_until
    from watched
    inner join streams on watched.claim_class = streams.claim_class
),

-- Of each stream of the class what was known last before the lag.
before_the_lag as (
    select
        watched.* exclude (parser_version),
        known.* exclude (claim_class, period_starts_on)
    from asked as watched
    asof inner join known
        on
            watched.claim_class = known.claim_class
            and watched.parser_version = known.parser_version
            and watched.known_until >= known.period_starts_on
),

final as (
    select
        claim_class,
        period_starts_on,
        any_value(session_prior_claims) as prior_claim_count,
        sum(claim_count) as claim_count,
        sum({{ rounded('
            session_surprise_squares - 2 * mean_surprise * size_times_surprise
            + mean_surprise * mean_surprise * size_squares
        ', digits=38) }}::decimal(38, 9)) as session_variance,
        sum({{ rounded('
            claim_surprise_squares - mean_surprise * surprise_sum
        ', digits=38) }}::decimal(38, 9)) as claim_variance
    from before_the_lag
    group by claim_class, period_starts_on
)

select * from final
