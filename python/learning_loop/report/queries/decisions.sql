-- What people decided on the backlog since the night before the last.
select
    history.status,
    history.actor,
    history.reason,
    candidates.title,
    history.entered_at
from learning_backlog_history as history
inner join learning_backlog_candidates as candidates using (candidate_key)
where
    history.entry_kind != 'run'
    and history.entered_at > (select any_value(night_before) from night_changes)
order by history.entered_at desc, candidates.candidate_key
limit 12
