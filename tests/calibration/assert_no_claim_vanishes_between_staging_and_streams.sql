-- A returned row is a granularity whose streams hold other claims than exist at as_of. From the first touched
-- period on.
with

staged as (
    select count(*) as claim_count
    from {{ ref('stg_events__claims') }}
    where event_at >= {{ tested_from(ref('int_calibration__touched_periods')) }}
),

granularities as (
    select unnest(['day', 'week']) as period_granularity
),

streamed as (
    select
        period_granularity,
        sum(claim_count) as claim_count,
        sum(retracted_count + no_target_count + sample_count) as explained_count
    from {{ ref('int_calibration__stream_counts') }}
    where period_starts_on >= {{ tested_from(ref('int_calibration__touched_periods')) }}
    group by period_granularity
)

select
    granularities.period_granularity,
    staged.claim_count,
    streamed.claim_count as streamed_count,
    streamed.explained_count
from granularities
cross join staged
left join streamed on granularities.period_granularity = streamed.period_granularity
where
    staged.claim_count is distinct from coalesce(streamed.claim_count, 0)
    or staged.claim_count is distinct from coalesce(streamed.explained_count, 0)
