-- One stream's Brier score and its parts over its latest twelve weeks.
select
    period_starts_on::varchar as week,
    period_key,
    brier_score,
    reliability,
    resolution,
    uncertainty,
    sample_count
from extraction_calibration_metrics
where
    period_granularity = 'week' and claim_class = $claim_class and parser_version = $parser_version
    and period_starts_on > (select max(period_starts_on) - 84 from extraction_calibration_metrics)
order by week
