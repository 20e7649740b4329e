-- The backlog by status and by how long ago each candidate was first seen.
select
    status,
    case
        when age_days < 7 then 'under 1'
        when age_days < 14 then '1 to 2'
        when age_days < 28 then '2 to 4'
        when age_days < 56 then '4 to 8'
        else '8+'
    end as age_weeks,
    count(*) as candidate_count
from (
    select
        status,
        date_diff('day', first_seen_at, (select max(as_of) from nightly_runs where status = 'success')) as age_days
    from learning_backlog_candidates
)
group by all
order by status, min(age_days)
