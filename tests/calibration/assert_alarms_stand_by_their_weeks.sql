-- A returned row is a stream whose alarm and whose weeks do not agree: an alarm stands without a week over the bar
-- since its last answer, or such a week stands without an alarm.
with

over_the_bar as (
    select
        alarms.claim_class,
        alarms.parser_version,
        alarms.channel,
        min(weeks.period_starts_on) as alarmed_on
    from {{ ref('extraction_drift_alarms') }} as alarms
    inner join {{ ref('extraction_drift_weeks') }} as weeks
        on
            alarms.claim_class = weeks.claim_class
            and alarms.parser_version = weeks.parser_version
            and alarms.channel = weeks.channel
            and weeks.log_statistic >= weeks.log_bar
            and weeks.period_starts_on > coalesce(alarms.answered_in_week_of, date '0001-01-01')
    group by alarms.claim_class, alarms.parser_version, alarms.channel
)

select
    alarms.claim_class,
    alarms.parser_version,
    alarms.channel,
    alarms.alarmed_on,
    over_the_bar.alarmed_on as alarmed_by_weeks_on
from {{ ref('extraction_drift_alarms') }} as alarms
left join over_the_bar using (claim_class, parser_version, channel)
where
    alarms.alarmed_on is distinct from over_the_bar.alarmed_on
    or (alarms.evidence = 'alarm') is distinct from (over_the_bar.alarmed_on is not null)
    or alarms.began_on > alarms.alarmed_on
