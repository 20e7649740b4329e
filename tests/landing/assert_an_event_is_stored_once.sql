-- A returned row is an event id with two versions that both count.
select event_id
from {{ ref('stg_events') }}
where not is_displaced
group by event_id
having count(*) > 1
