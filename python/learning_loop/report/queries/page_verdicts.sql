-- What each run made of a candidate's proposal, the last twelve.
select candidate_key, run_id, source_period_key, replace(verdict, '_', ' ') as verdict, priority_score
from learning_backlog_verdicts
semi join learning_backlog_candidates using (candidate_key)
qualify row_number() over (partition by candidate_key order by proposed_at desc, proposal_number) <= 12
order by candidate_key, proposed_at desc
