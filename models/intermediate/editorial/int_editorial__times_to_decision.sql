-- How long candidates wait for a decision: Kaplan and Meier (1958) over the candidates created in the window, followed
-- to as_of, so that the open queue counts as waits that are at least so long. The times of decided ones alone would
-- call a source fast whose hard cases nobody has touched.

{{ config(schema='scratch') }}

with

waits as (
    {{ candidate_waits() }}
),

waits_of_each as (
    select
        source_key,
        strategy,
        window_days,
        waited_us,
        count(*) as left_count,
        count_if(is_decided) as decided_count
    from waits
    group by all
),

places as (
    select distinct
        source_key,
        strategy,
        window_days
    from waits_of_each
),

in_grains as (
    select
        source_key as own_source_key,
        strategy as own_strategy,
        window_days,
        unnest({{ performance_grains() }}, recursive := true)
    from places
),

-- A group is known by its number: the waits are many, and sorted by it twice.
groups as (
    select
        *,
        dense_rank() over (order by grain, source_key, strategy, window_days)::integer as group_number
    from in_grains
),

per_time as (
    select
        groups.group_number,
        waits_of_each.waited_us,
        sum(waits_of_each.left_count)::bigint as left_count,
        sum(waits_of_each.decided_count)::bigint as decided_count
    from waits_of_each
    inner join groups
        on
            waits_of_each.source_key = groups.own_source_key
            and waits_of_each.strategy = groups.own_strategy
            and waits_of_each.window_days = groups.window_days
    group by all
),

at_risk as (
    select
        *,
        sum(left_count) over (partition by group_number order by waited_us desc) as at_risk_count
    from per_time
),

survival as (
    select
        *,
        {{ rounded('product(1 - decided_count / at_risk_count) over so_far') }} as open_share
    from at_risk
    window so_far as (partition by group_number order by waited_us)
),

times as (
    select
        group_number,
        sum(left_count)::bigint as candidate_count,
        sum(decided_count)::bigint as decided_count,
        min(waited_us) filter (where open_share <= 0.5) / 3.6e9 as median_hours_to_decision,
        min(waited_us) filter (where open_share <= 0.1) / 3.6e9 as p90_hours_to_decision
    from survival
    group by group_number
),

named as (
    select distinct
        group_number,
        grain,
        source_key,
        strategy,
        window_days
    from groups
),

final as (
    select
        named.grain,
        named.source_key,
        named.strategy,
        named.window_days,
        times.* exclude (group_number)
    from times
    inner join named on times.group_number = named.group_number
)

select * from final
