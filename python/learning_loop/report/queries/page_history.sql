-- What became of each candidate: the states it went through, and who said so.
select candidate_key, entered_at, status, entry_kind, actor, reason, issue_ref
from learning_backlog_history
order by candidate_key, state_number
