-- What stands tonight of each stream in each channel. An alarm stands until an approver answers it. Otherwise the last
-- matured week says whether anything speaks for a drop, unless nothing can: too little history, no week since the
-- answer, or a feed that stopped, of which no silence may look like calm.

with

latest as (
    select * from {{ ref('int_calibration__latest_weeks') }}
),

feed as (
    select coalesce(bool_or(verdict = 'stale' or age_hours > max_age_hours), false) as is_stale
    from {{ ref('feed_freshness') }}
    where feed = 'events'
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
    inner join {{ ref('extraction_drift_weeks') }} as weeks
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
            when feed.is_stale or not latest.is_watched or latest.verdict = 'insufficient_history' then 'cannot_tell'
            else 'within_chance'
        end as evidence,
        case
            when evidence != 'cannot_tell' then null
            when feed.is_stale then 'stale_feed'
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
    cross join feed
    left join since_it_began using (claim_class, parser_version, channel)
)

select * from final
