-- The last published night.
select
    run_id,
    as_of,
    started_at,
    finished_at,
    code_version,
    tests_passed,
    run_number,
    -- A list that begins with this night has nothing old to set the new apart from.
    coalesce((select min(since) from attention_log) = as_of, false) as is_first_list,
    (
        select any_value(max_age_hours order by effective_from desc)
        from policy.feed_freshness_policy
        where feed = 'nightly' and effective_from <= nightly_runs.as_of
    ) as max_age_hours
from nightly_runs
where status = 'success'
order by run_number desc
limit 1
