-- A returned row is an event id that came tonight and has two versions that both count.
select event_id
from {{ ref('stg_events') }}
where
    not is_displaced
    and event_id in (
        select event_id from {{ ref('stg_events') }}
        where {{ is_tested('event_at') }}
    )
group by event_id
having count(*) > 1
