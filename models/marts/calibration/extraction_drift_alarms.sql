-- What stands tonight of each stream in each channel. An alarm stands until an approver answers it. Otherwise the last
-- matured week says whether anything speaks for a drop, unless nothing can: too little history, no week since the
-- answer, or a feed that stopped, of which no silence may look like calm.

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

feed as (
    select coalesce(bool_or(feed = 'events' and verdict = 'stale'), false) as is_stale
    from {{ ref('feed_freshness') }}
),

latest as (
    select
        streams.*,
        last_claims.last_claims_on,
        last_claims.last_claims_on >= {{ latest_week() }} - 7 * policy.half_year_weeks as is_live,
        feed.is_stale,
        weeks.* exclude (claim_class, parser_version, channel, watched_from, computed_at),
        coalesce(weeks.period_starts_on > streams.answered_in, weeks.period_starts_on is not null) as is_watched
    from streams
    inner join last_claims using (claim_class, parser_version)
    cross join policy
    cross join feed
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
),

since_it_began as (
    select
        latest.claim_class,
        latest.parser_version,
        latest.channel,
        sum(weeks.claim_count)::bigint as claim_count,
        sum(weeks.right_count)::bigint as right_count,
        sum(weeks.expected_right_count::decimal(18, 9))::double as expected_right_count
    from latest
    inner join weeks
        on
            latest.claim_class = weeks.claim_class
            and latest.parser_version = weeks.parser_version
            and latest.channel = weeks.channel
            and latest.began_on <= weeks.period_starts_on
    where latest.is_watched
    group by all
),

final as (
    select
        latest.claim_class,
        latest.parser_version,
        latest.channel,
        case
            when latest.is_watched and latest.verdict = 'alarm' then 'alarm'
            when latest.is_stale or not latest.is_watched or latest.verdict = 'insufficient_history' then 'cannot_tell'
            else 'within_chance'
        end as evidence,
        case
            when evidence != 'cannot_tell' then null
            when latest.is_stale then 'stale_feed'
            when latest.answered_in is not null and not latest.is_watched then 'answered'
            else 'insufficient_history'
        end as cannot_tell_because,
        case when evidence = 'alarm' then latest.began_period_key end as began_period_key,
        case when evidence = 'alarm' then latest.began_on end as began_on,
        case when evidence = 'alarm' then latest.alarm_period_key end as alarm_period_key,
        case when evidence = 'alarm' then latest.alarmed_on end as alarmed_on,
        since_it_began.claim_count as claim_count_since,
        since_it_began.right_count as right_count_since,
        since_it_began.expected_right_count as expected_right_count_since,
        latest.period_key as last_period_key,
        latest.period_starts_on as last_week_on,
        case when latest.is_watched then latest.log_statistic end as log_statistic,
        case when latest.is_watched then latest.log_bar end as log_bar,
        latest.live_stream_count,
        latest.status,
        latest.candidate_key,
        latest.answered_in as answered_in_week_of,
        latest.is_live,
        latest.last_claims_on,
        {{ as_of() }} as computed_at
    from latest
    left join since_it_began using (claim_class, parser_version, channel)
)

select * from final
