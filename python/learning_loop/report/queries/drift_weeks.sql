-- One stream's statistic beside its bar over half a year up to its latest matured week, as powers of ten; a week without
-- claims, or with too little history, is a gap.
with stream as (
    select * from extraction_drift_weeks
    where claim_class = $claim_class and parser_version = $parser_version and channel = $channel
),
weeks as (
    select unnest(generate_series(
        greatest(min(period_starts_on), max(period_starts_on) - 175), max(period_starts_on), interval 7 days
    ))::date as week
    from stream
)
select
    weeks.week::varchar as week,
    stream.period_key,
    stream.log_statistic / ln(10) as statistic,
    stream.log_bar / ln(10) as bar,
    weeks.week >= max(stream.began_on) over () as is_since_it_began,
    stream.claim_count,
    stream.right_count,
    stream.expected_right_count
from weeks
left join stream on weeks.week = stream.period_starts_on
order by week
