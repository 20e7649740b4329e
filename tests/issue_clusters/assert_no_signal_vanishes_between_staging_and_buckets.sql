-- A returned row is a granularity whose buckets hold other signals than exist at as_of. From the first touched
-- period on.
with

staged as (
    select count(*) as signal_count
    from {{ ref('stg_events__signals') }}
    where captured_at >= {{ tested_from(ref('int_issue_clusters__touched_periods')) }}
),

granularities as (
    select unnest(['day', 'week']) as period_granularity
),

bucketed as (
    select
        period_granularity,
        sum(total_signals) as signal_count
    from {{ ref('int_issue_clusters__buckets') }}
    where period_starts_on >= {{ tested_from(ref('int_issue_clusters__touched_periods')) }}
    group by period_granularity
)

select
    granularities.period_granularity,
    staged.signal_count,
    bucketed.signal_count as bucketed_count
from granularities
cross join staged
left join bucketed on granularities.period_granularity = bucketed.period_granularity
where staged.signal_count is distinct from coalesce(bucketed.signal_count, 0)
