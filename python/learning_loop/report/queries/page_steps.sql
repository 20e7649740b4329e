-- The checklist of each candidate.
select candidate_key, title, status, completes_by, completed_at, reported_by, evidence
from learning_backlog_checklist
order by candidate_key, step_position
