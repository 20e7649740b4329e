-- A returned row is the pseudonym of a person who was erased and is stored all the same.
with

persons as (
    select user_id as pseudonym from {{ ref('stg_events') }}
    union
    select actor_user_id as pseudonym from {{ ref('stg_ingest_editor_labels') }}
    union
    select raised_by as pseudonym from {{ ref('stg_quality_flags') }}
)

select persons.pseudonym
from persons
where
    (select count(*) from {{ source('tonight', 'erased') }}) > 0
    and {{ tombstone('persons.pseudonym') }} in (select tombstone from {{ source('tonight', 'erased') }})
