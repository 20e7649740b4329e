-- A returned row is a bucket whose signals are neither counted nor dropped for a stated reason.
select *
from {{ ref('int_issue_clusters__buckets') }}
where total_signals is distinct from event_count + low_confidence_count + dominance_dropped_count
