-- The streams of the latest week worth a look: alerts first, then the worst Brier scores, then the most claims.
select
    metrics.claim_class,
    metrics.parser_version,
    metrics.period_key,
    metrics.period_starts_on,
    coalesce(alerts.status, metrics.status) as status,
    metrics.sample_count,
    metrics.accuracy,
    metrics.avg_confidence,
    metrics.brier_score,
    metrics.brier_excess,
    metrics.matured_share,
    count(*) over () as stream_count
from extraction_calibration_metrics as metrics
left join extraction_underperforming_classes as alerts using (period_key, claim_class, parser_version)
where
    metrics.period_granularity = 'week'
    and metrics.period_starts_on = (
        select max(period_starts_on) from extraction_calibration_metrics where period_granularity = 'week'
    )
order by
    alerts.status is null, alerts.status, metrics.brier_score desc, metrics.sample_count desc,
    metrics.claim_class, metrics.parser_version
limit 6
