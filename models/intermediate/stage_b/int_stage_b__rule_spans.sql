-- In which groups each rule was in force, and from which step to which: from the first reflection that upserted it
-- with a group as evidence, until the rule was retired. What came back after that is another span.

{{ config(schema='scratch') }}

with

events as (
    select
        *,
        count(*) filter (where event_type = 'created') over (
            partition by run_id, mission, rule_key order by event_number
        ) as life
    from {{ ref('int_stage_b__rule_ledger') }}
),

ends as (
    select
        run_id,
        mission,
        rule_key,
        life,
        min(global_step) as end_step
    from events
    where event_type = 'retired'
    group by run_id, mission, rule_key, life
),

named as (
    select
        events.run_id,
        events.mission,
        events.rule_key,
        events.life,
        unnest(reflections.evidence_group_ids) as group_id,
        events.global_step
    from events
    inner join {{ ref('int_stage_b__reflections') }} as reflections using (run_id, mission, reflection_id)
    where events.event_type in ('created', 'reinforced')
),

begun as (
    select
        run_id,
        mission,
        rule_key,
        life,
        group_id,
        min(global_step) as start_step
    from named
    group by run_id, mission, rule_key, life, group_id
),

policy as ({{ policy_periods(ref('rule_effects_policy')) }}
),

final as (
    select
        begun.run_id,
        begun.mission,
        begun.rule_key,
        begun.group_id,
        begun.start_step,
        ends.end_step,
        policy.cluster_steps,
        policy.clusters_at_most,
        policy.spline_knots,
        policy.rule_ridge,
        policy.placebo_draws,
        policy.placebo_rules_at_most,
        policy.placebo_quantile,
        policy.min_tickets,
        policy.effects_seed
    from begun
    inner join {{ ref('int_stage_b__runs') }} as runs using (run_id, mission)
    inner join policy on {{ in_force('policy', 'runs.started_at') }}
    left join ends using (run_id, mission, rule_key, life)
)

select * from final
