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
        any_value(policy.trend_days) as trend_days,
        any_value(policy.min_reviews_to_rank) as min_reviews_to_rank,
        count(*)::double as decided,
        count_if(labels.is_promotion)::double as promoted
    from {{ ref('ingest_editor_labels') }} as labels
    inner join policy on labels.created_at > {{ as_of() }} - to_days(2 * policy.trend_days)
    where labels.is_counted
    group by all
),

rated as (
    select
        *,
        sum(decided) over window_of_source as all_decided,
        sum(promoted) over window_of_source as all_promoted,
        sum(decided * decided) over window_of_source as squares
    from days
    window window_of_source as (partition by source_key, is_recent)
),

windows as (
    select
        source_key,
        is_recent,
        any_value(trend_days) as trend_days,
        any_value(min_reviews_to_rank) as min_reviews_to_rank,
        any_value(all_decided)::bigint as decided_count,
        any_value(all_promoted)::bigint as promoted_count,
        any_value(squares / all_decided) as mean_batch,
        -- Of independent decisions the squared distances of the days from their rate sum to variance * base; a
        -- correlation r within a day adds variance * r * slope.
        {{ exact_sum('power(promoted - decided * all_promoted / all_decided, 2)', digits=38) }} as distance,
        any_value(
            all_promoted * (all_decided - all_promoted) / (all_decided * greatest(all_decided - 1, 1))
        ) as variance,
        any_value(all_decided - squares / all_decided) as base,
        {{ exact_sum(
            'decided * (decided - 1) * (1 - 2 * decided / all_decided + squares / power(all_decided, 2))', digits=38
        ) }} as slope
    from rated
    group by source_key, is_recent
),

correlated as (
    select
        coalesce(
            least(greatest(
                {{ exact_sum('distance - variance * base', digits=38) }}
                / nullif({{ exact_sum('variance * slope', digits=38) }}, 0),
                0
            ), 1), 0
        ) as day_correlation
    from windows
    where variance > 0
),

final as (
    select
        windows.source_key,
        windows.is_recent,
        windows.trend_days,
        windows.min_reviews_to_rank,
        windows.decided_count,
        windows.promoted_count,
        correlated.day_correlation,
        greatest(1 + correlated.day_correlation * (windows.mean_batch - 1), 1) as design_effect
    from windows
    cross join correlated
)

select * from final
