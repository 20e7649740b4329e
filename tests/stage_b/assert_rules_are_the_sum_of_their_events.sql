-- A returned row is a rule whose counts do not follow from its events: each event starts where the one before ended,
-- and the last one ends where the rule stands.

with

events as (
    select
        *,
        lag(hit_count_after, 1, 0) over in_order as hits_so_far,
        lag(miss_count_after, 1, 0) over in_order as misses_so_far
    from {{ ref('stage_b_rule_events') }}
    window in_order as (partition by run_id, mission, rule_key order by event_number)
),

torn as (
    select
        run_id,
        mission,
        rule_key
    from events
    where hits_so_far != hit_count_before or misses_so_far != miss_count_before
),

ends as (
    select
        run_id,
        mission,
        rule_key,
        arg_max(hit_count_after, event_number) as hit_count,
        arg_max(miss_count_after, event_number) as miss_count
    from events
    group by run_id, mission, rule_key
),

wrong as (
    select
        run_id,
        mission,
        rule_key
    from ends
    full join {{ ref('stage_b_rules') }} as rules using (run_id, mission, rule_key)
    where ends.hit_count is distinct from rules.hit_count or ends.miss_count is distinct from rules.miss_count
)

select * from torn
union all
select * from wrong
