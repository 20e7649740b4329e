-- How long candidates wait for a decision: Kaplan and Meier (1958) over the candidates created in the window, followed
-- to as_of, so that the open queue counts as waits that are at least so long. The times of decided ones alone would
-- call a source fast whose hard cases nobody has touched.

{{ config(schema='scratch') }}

with

waits as (
    {{ candidate_waits() }}
),

in_grains as (
    select
        * exclude (source_key, strategy),
        unnest({{ performance_grains() }}, recursive := true)
    from waits
),

per_time as (
    select
        grain,
        source_key,
        strategy,
        window_days,
        waited_us,
        count(*) as left_count,
        count(*) filter (where is_decided) as decided_count
    from in_grains
    group by all
),

at_risk as (
    select
        *,
        sum(left_count) over (
            partition by grain, source_key, strategy, window_days order by waited_us desc
        ) as at_risk_count
    from per_time
),

survival as (
    select
        *,
        {{ rounded('product(1 - decided_count / at_risk_count) over so_far') }} as open_share
    from at_risk
    window so_far as (partition by grain, source_key, strategy, window_days order by waited_us)
),

final as (
    select
        grain,
        source_key,
        strategy,
        window_days,
        sum(left_count)::bigint as candidate_count,
        sum(decided_count)::bigint as decided_count,
        min(waited_us) filter (where open_share <= 0.5) / 3.6e9 as median_hours_to_decision,
        min(waited_us) filter (where open_share <= 0.1) / 3.6e9 as p90_hours_to_decision
    from survival
    group by grain, source_key, strategy, window_days
)

select * from final
