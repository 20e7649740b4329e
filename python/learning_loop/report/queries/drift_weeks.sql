-- The statistics of the alarms that stand beside their bars, over half a year up to each one's latest matured week, as
-- powers of ten; a week without claims, or with too little history, is a gap.
with
standing as (
    select claim_class, parser_version, channel from extraction_drift_alarms where evidence = 'alarm' and is_live
),
streams as (
    select drift.* from extraction_drift_weeks as drift semi join standing using (claim_class, parser_version, channel)
),
spans as (
    select
        claim_class, parser_version, channel, max(began_on) as began_on,
        unnest(generate_series(
            greatest(min(period_starts_on), max(period_starts_on) - 175), max(period_starts_on), interval 7 days
        ))::date as period_starts_on
    from streams
    group by claim_class, parser_version, channel
)
select
    spans.claim_class,
    spans.parser_version,
    spans.channel,
    spans.period_starts_on::varchar as week,
    streams.period_key,
    streams.log_statistic / ln(10) as statistic,
    streams.log_bar / ln(10) as bar,
    spans.period_starts_on >= spans.began_on as is_since_it_began,
    streams.claim_count,
    streams.right_count,
    streams.expected_right_count
from spans
left join streams
    on
        spans.claim_class = streams.claim_class
        and spans.parser_version = streams.parser_version
        and spans.channel = streams.channel
        and spans.period_starts_on = streams.period_starts_on
order by spans.claim_class, spans.parser_version, spans.channel, week
