-- What people decided on the backlog since.
select
    history.status,
    history.actor,
    history.reason,
    candidates.title,
    history.entered_at
from learning_backlog_history as history
inner join learning_backlog_candidates as candidates on history.candidate_key = candidates.candidate_key
where history.entry_kind != 'run' and history.entered_at > $since
order by history.entered_at desc, candidates.candidate_key
