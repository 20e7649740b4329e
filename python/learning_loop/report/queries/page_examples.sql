-- Real events of the signatures in the backlog, redacted when they were stored: those of each one's latest week.
select
    examples.cluster_signature as subject,
    examples.period_key,
    examples.event_id,
    examples.captured_at,
    examples.issue_type,
    examples.workflow_phase,
    examples.agent_version,
    examples.attributes::varchar as attributes
from learning_issue_cluster_examples as examples
semi join learning_backlog_candidates as candidates
    on examples.cluster_signature = candidates.source_ref and candidates.source_type = 'issue_cluster'
where examples.period_granularity = 'week'
qualify dense_rank() over (partition by examples.cluster_signature order by examples.period_starts_on desc) = 1
order by subject, examples.example_number
