-- A returned row is a group whose name is not that of its oldest candidate: groups grow around the oldest.
select
    duplicate_group,
    min_by(candidate_id, (created_at, candidate_id)) as oldest
from {{ ref('idea_candidates') }}
group by duplicate_group
having duplicate_group != 'dg_' || oldest
