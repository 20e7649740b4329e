-- How many streams of claims (class and parser version) were in which status, over the latest ten weeks that have any.
select
    period_key,
    case when drift_status = 'drift_alert' then 'drift alert' else status end as status,
    count(*) as stream_count
from extraction_calibration_metrics
where
    period_granularity = 'week'
    and period_starts_on in (
        select distinct period_starts_on from extraction_calibration_metrics
        where period_granularity = 'week'
        order by period_starts_on desc limit 10
    )
group by all
order by period_key, status
