-- A returned row is a retention that is shorter than the longest window of a mart and five weeks before it, or one of
-- candidates that is shorter than that of their labels, whose sources would then be unknown.
with

longest as (
    select max(window_days) + 35 as least_days from {{ ref('performance_windows') }}
),

labels as (
    select coalesce(max(retention_days), 0) as retention_days
    from {{ ref('retention') }}
    where feed = 'ingest_editor_labels'
)

select
    retention.feed,
    retention.effective_from,
    retention.retention_days
from {{ ref('retention') }} as retention
cross join longest
cross join labels
where
    retention.retention_days < longest.least_days
    or (retention.feed = 'ingest_candidates' and retention.retention_days < labels.retention_days)
