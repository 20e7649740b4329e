-- Every candidate, for a page of its own.
select
    candidate_key,
    coalesce(short_key, candidate_key) as name,
    source_ref as title,
    status,
    priority,
    priority_score,
    source_type,
    source_ref,
    coalesce(evidence ->> '$.claim_class', source_ref) as subject,
    evidence ->> '$.parser_version' as parser_version,
    source_period_key,
    first_seen_at,
    times_seen,
    decided_by,
    trend ->> '$.in_words' as trend,
    title as in_words,
    root_cause_hypothesis,
    issue_payload ->> '$.design' as design
from learning_backlog_candidates
order by priority_score desc, candidate_key
