-- A returned row is a bucket of tonight's periods that was computed again and not forgotten before: it counts twice.
select
    period_granularity,
    period_starts_on,
    cluster_signature
from {{ ref('int_issue_clusters__buckets') }}
where period_starts_on >= {{ tested_from(ref('int_issue_clusters__touched_periods')) }}
group by period_granularity, period_starts_on, cluster_signature
having count(*) > 1
