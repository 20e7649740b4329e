-- What the alarms say tonight of the streams that still have claims, and why nothing can be told of some.
select
    evidence,
    cannot_tell_because,
    count(*) as stream_count
from extraction_drift_alarms
where channel = 'drift' and is_live
group by all
order by evidence, cannot_tell_because
