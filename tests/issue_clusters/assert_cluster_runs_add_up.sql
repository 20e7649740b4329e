-- A returned row is a run whose signals are neither considered nor filtered for a stated reason.
select *
from {{ ref('learning_issue_cluster_runs') }}
where total_signals is distinct from considered_signals + filtered_low_confidence + dominance_dropped_events
