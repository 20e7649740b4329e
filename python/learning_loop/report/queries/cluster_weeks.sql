-- The ten highest clusters of the latest week that has any, over the twelve weeks up to it; a week in which one was no
-- cluster is a gap.
with latest as (
    select max(period_starts_on) as week from learning_issue_clusters where period_granularity = 'week'
),
top_ten as (
    select cluster_signature, score as latest_score, row_number() over (order by score desc, cluster_signature) as place
    from learning_issue_clusters, latest
    where period_granularity = 'week' and period_starts_on = latest.week
    order by place limit 10
),
weeks as (
    select unnest(generate_series(week - 77, week, interval 7 days))::date as period_starts_on from latest
)
select
    place,
    top_ten.cluster_signature,
    weeks.period_starts_on::varchar as week,
    clusters.period_key,
    clusters.score,
    clusters.event_count,
    clusters.unique_users,
    clusters.signal_type_top,
    clusters.frequency,
    clusters.severity,
    clusters.impact,
    clusters.reproducibility,
    clusters.cluster_data ->> '$.aggregates.trend.in_words' as trend
from top_ten
cross join weeks
left join learning_issue_clusters as clusters
    on
        clusters.period_granularity = 'week'
        and clusters.period_starts_on = weeks.period_starts_on
        and clusters.cluster_signature = top_ten.cluster_signature
order by place, week
