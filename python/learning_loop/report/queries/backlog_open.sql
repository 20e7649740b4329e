-- What waits for a decision or for a step, the most urgent first.
select
    candidates.priority,
    candidates.status,
    candidates.title,
    candidates.priority_score,
    candidates.times_seen,
    coalesce(replace(candidates.trend ->> '$.trend', '_', ' '), 'cannot tell') as trend,
    candidates.first_seen_at,
    count(*) filter (where checklist.status != 'completed') as open_step_count,
    candidates.candidate_key
from learning_backlog_candidates as candidates
left join learning_backlog_checklist as checklist using (candidate_key)
where candidates.status in ('candidate', 'approved')
group by all
order by candidates.priority_score desc, candidates.candidate_key
limit 15
