-- Each stream in each channel with its last matured week, and whether any claims come still.

{{ config(schema='scratch') }}

with

weeks as (
    select * from {{ ref('extraction_drift_weeks') }}
),

streams as (
    select
        * exclude (answered_in),
        max(answered_in) as answered_in
    from {{ ref('int_calibration__answers') }}
    group by all
),

last_claims as (
    select
        claim_class,
        parser_version,
        max(period_starts_on) as last_claims_on
    from {{ ref('int_calibration__horizon_bins') }}
    group by claim_class, parser_version
),

policy as ({{ policy_in_force(ref('drift_alarms')) }}
),

final as (
    select
        streams.*,
        last_claims.last_claims_on,
        last_claims.last_claims_on >= {{ latest_week() }} - 7 * policy.half_year_weeks as is_live,
        weeks.period_key,
        weeks.period_starts_on,
        weeks.verdict,
        weeks.log_statistic,
        weeks.log_bar,
        weeks.live_stream_count,
        weeks.began_period_key,
        weeks.began_on,
        weeks.alarm_period_key,
        weeks.alarmed_on,
        coalesce(weeks.period_starts_on > streams.answered_in, weeks.period_starts_on is not null) as is_watched
    from streams
    inner join last_claims using (claim_class, parser_version)
    cross join policy
    left join weeks
        on
            streams.claim_class = weeks.claim_class
            and streams.parser_version = weeks.parser_version
            and streams.channel = weeks.channel
    qualify
        row_number() over (
            partition by streams.claim_class, streams.parser_version, streams.channel
            order by weeks.period_starts_on desc
        ) = 1
)

select * from final
