-- In how many weeks each signature was a cluster, over all weeks in the mart: nights have nothing to do with it.

{{ config(materialized='view') }}

with

weeks as (
    select * from {{ ref('learning_issue_clusters') }}
    where period_granularity = 'week'
),

final as (
    select
        cluster_signature,
        count(*) as weeks_recurring,
        min(period_starts_on) as first_recurred_on,
        max(period_starts_on) as last_recurred_on,
        sum(event_count)::bigint as event_count,
        max(score) as highest_score
    from weeks
    group by cluster_signature
)

select * from final
