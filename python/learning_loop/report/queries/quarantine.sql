-- What is in quarantine now, by feed and reason.
select
    feed,
    reason_code,
    count(*) as row_count,
    count(*) filter (where quarantined_at = (select max(as_of) from nightly_runs where status = 'success')) as new_count,
    any_value(detail order by quarantined_at desc, source_file, row_number) as latest_detail,
    any_value(source_file order by quarantined_at desc, source_file, row_number) as latest_file
from quarantined_rows
where released_at is null
group by feed, reason_code
order by row_count desc, feed, reason_code
