-- A returned row is a pair that an editor keeps apart and that stands in one group.
select
    labels.candidate_id,
    labels.duplicate_of
from {{ ref('ingest_editor_labels') }} as labels
inner join {{ ref('idea_candidates') }} as a on labels.candidate_id = a.candidate_id
inner join {{ ref('idea_candidates') }} as b on labels.duplicate_of = b.candidate_id
where
    not labels.is_machine
    and labels.duplicate_confirmed = false
    and labels.candidate_id != labels.duplicate_of
    and a.duplicate_group = b.duplicate_group
