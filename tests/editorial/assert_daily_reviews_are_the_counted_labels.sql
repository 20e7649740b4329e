-- A returned row says that the days together hold another number of reviews or candidates than there are.
with

daily as (
    select
        coalesce(sum(reviewed_count), 0) as reviewed_count,
        coalesce(sum(candidate_count), 0) as candidate_count
    from {{ ref('editorial_daily') }}
)

select *
from daily
where
    reviewed_count != (
        select count(*) from {{ ref('ingest_editor_labels') }}
        where is_counted
    )
    or candidate_count != (select count(*) from {{ ref('idea_candidates') }})
