-- One stream's Brier score and its parts over twelve weeks up to its latest; a week without claims is a gap.
with stream as (
    select * from extraction_calibration_metrics
    where period_granularity = 'week' and claim_class = $claim_class and parser_version = $parser_version
),
weeks as (
    select unnest(generate_series(max(period_starts_on) - 77, max(period_starts_on), interval 7 days))::date as week
    from stream
)
select
    weeks.week::varchar as week,
    stream.period_key,
    stream.brier_score,
    stream.reliability,
    stream.resolution,
    stream.uncertainty,
    stream.sample_count
from weeks
left join stream on weeks.week = stream.period_starts_on
order by week
