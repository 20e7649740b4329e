-- A returned row is a candidate that exists at as_of without a score, or without a row of its own.
with

staged as (
    select candidate_id from ({{ known_rows(ref('stg_ingest_candidates'), 'created_at') }})
)

select staged.candidate_id
from staged
left join {{ ref('candidate_quality_scores') }} as scores on staged.candidate_id = scores.candidate_id
left join {{ ref('idea_candidates') }} as ideas on staged.candidate_id = ideas.candidate_id
where scores.candidate_id is null or ideas.duplicate_group is null
