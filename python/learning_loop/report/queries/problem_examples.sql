-- One real event of each signature in the backlog, redacted when it was stored: the first of its latest week.
select
    examples.cluster_signature as subject,
    examples.period_key,
    examples.event_id,
    examples.captured_at,
    replace(examples.signal_type, '_', ' ') as signal_type,
    examples.issue_type,
    examples.invariant_id,
    examples.workflow_phase,
    examples.agent_version,
    examples.attributes::varchar as attributes
from learning_issue_cluster_examples as examples
semi join learning_backlog_candidates as candidates
    on examples.cluster_signature = candidates.source_ref and candidates.source_type = 'issue_cluster'
where examples.period_granularity = 'week'
qualify row_number() over (
    partition by examples.cluster_signature order by examples.period_starts_on desc, examples.example_number
) = 1
order by subject
