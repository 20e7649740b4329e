-- A returned row is a cluster that is no bucket over both bars, or such a bucket that is no cluster.
select
    buckets.period_granularity,
    buckets.period_key,
    buckets.cluster_signature,
    clusters.cluster_signature as cluster
from (
    select * from {{ ref('int_issue_clusters__buckets') }}
    where event_count >= min_support and unique_users >= min_unique_users
) as buckets
full join {{ ref('learning_issue_clusters') }} as clusters
    on
        buckets.period_granularity = clusters.period_granularity
        and buckets.period_key = clusters.period_key
        and buckets.cluster_signature = clusters.cluster_signature
where
    buckets.cluster_signature is null
    or clusters.cluster_signature is null
    or buckets.score is distinct from clusters.score
