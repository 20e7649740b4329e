-- A returned row is the pseudonym of a person who was erased and is stored all the same. An erasure that finds rows has
-- the marts computed anew, and all stores looked at.
with

persons as (
    select user_id as pseudonym from {{ ref('stg_events') }}
    where {{ is_tested('event_at') }}
    union
    select actor_user_id as pseudonym from {{ ref('stg_ingest_editor_labels') }}
    where {{ is_tested('created_at') }}
    union
    select raised_by as pseudonym from {{ ref('stg_quality_flags') }}
    where {{ is_tested('raised_at') }}
)

select persons.pseudonym
from persons
where
    (select count(*) from {{ source('tonight', 'erased') }}) > 0
    and {{ tombstone('persons.pseudonym') }} in (select tombstone from {{ source('tonight', 'erased') }})
