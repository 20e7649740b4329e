-- How many streams of claims (class and parser version) were in which status, over six weeks up to the latest with any.
with latest as (
    select max(period_starts_on) as week from extraction_calibration_metrics where period_granularity = 'week'
)
select
    period_key,
    case when drift_status = 'drift_alert' then 'drift alert' else status end as status,
    count(*) as stream_count
from extraction_calibration_metrics
where period_granularity = 'week' and period_starts_on > (select week - 42 from latest)
group by all
order by period_key, status
