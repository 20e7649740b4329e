-- The ten highest clusters of the latest week that has any, over half a year; a week in which one was no cluster is not
-- there.
with
latest as (
    select max(period_starts_on) as last_on from learning_issue_clusters where period_granularity = 'week'
),
top_ten as (
    select cluster_signature, row_number() over (order by score desc, cluster_signature) as place
    from learning_issue_clusters, latest
    where period_granularity = 'week' and period_starts_on = last_on
    order by place limit 10
),
named as (
    select
        cluster_signature,
        arg_min(concat_ws(', ', issue_type, invariant_id, workflow_phase), (captured_at, event_id)) || ' (' || cluster_signature || ')'
            as name
    from learning_issue_cluster_examples, latest
    where
        period_granularity = 'week' and period_starts_on = last_on and starts_with(cluster_signature, 'ls_')
        and concat_ws('', issue_type, invariant_id, workflow_phase) != ''
    group by cluster_signature
)
select
    top_ten.place,
    top_ten.cluster_signature,
    -- A signature that was made of a signal's fields is a hash: what an example says of itself names it.
    coalesce(named.name, top_ten.cluster_signature) as name,
    clusters.period_key,
    strftime(latest.last_on, '%G-W%V') as last_period_key,
    latest.last_on,
    date_diff('week', clusters.period_starts_on, latest.last_on) as weeks_ago,
    clusters.event_count::double as value,
    clusters.min_support::double as bar,
    clusters.score,
    clusters.event_count,
    clusters.unique_users,
    clusters.frequency,
    clusters.severity,
    clusters.impact,
    clusters.reproducibility,
    clusters.cluster_data ->> '$.aggregates.trend.in_words' as trend
from top_ten
cross join latest
left join named on top_ten.cluster_signature = named.cluster_signature
inner join learning_issue_clusters as clusters
    on
        clusters.period_granularity = 'week'
        and clusters.period_starts_on > latest.last_on - 182
        and top_ten.cluster_signature = clusters.cluster_signature
order by top_ten.place, clusters.period_starts_on
