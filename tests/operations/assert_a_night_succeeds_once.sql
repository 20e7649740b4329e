-- A returned row is a night that stands twice among those that succeeded or run: only one of them is history. A night
-- that failed stays beside the one that took its place.
select run_id
from {{ ref('nightly_runs') }}
where status in ('success', 'running')
group by run_id
having count(*) > 1
