-- The decisions of each source in the last trend_days and in as many before, and by how much they say less than as
-- many independent ones: what is decided on one day has much in common (one reader, one run). The correlation within a
-- day is by moments over all sources at once, for one source alone has too few days to tell it.

{{ config(schema='scratch') }}

with

policy as ({{ policy_in_force(ref('editorial')) }}
),

days as (
    select
        labels.source_key,
        labels.created_at > {{ as_of() }} - to_days(policy.trend_days) as is_recent,
        labels.created_at::date as decided_on,
        policy.trend_days,
        policy.min_reviews_to_rank,
        count(*)::double as decided,
        count_if(labels.is_promotion)::double as promoted
    from {{ ref('ingest_editor_labels') }} as labels
    inner join policy on labels.created_at > {{ as_of() }} - to_days(2 * policy.trend_days)
    where labels.is_counted
    group by all
),

windows as (
    {{ day_moments('days', ['source_key', 'is_recent', 'trend_days', 'min_reviews_to_rank']) }}
),

correlated as (
    select {{ day_correlation() }} as day_correlation from windows
),

final as (
    select
        windows.source_key,
        windows.is_recent,
        windows.trend_days,
        windows.min_reviews_to_rank,
        windows.decided_count::bigint as decided_count,
        windows.promoted_count::bigint as promoted_count,
        correlated.day_correlation,
        greatest(1 + correlated.day_correlation * (windows.mean_batch - 1), 1) as design_effect
    from windows
    cross join correlated
)

select * from final
