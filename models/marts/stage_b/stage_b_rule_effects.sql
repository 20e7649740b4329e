-- What each rule did to the tickets that it speaks about, and what to do with it. Two methods that can err apart: the
-- regression over all tickets, and the difference before and after of its reflections. One says keep or drop and the
-- other must not contradict. The credit over hard tickets is beside them, with what is usual in its run: no grounds by
-- itself.

{{ config(
    materialized='incremental',
    pre_hook="{{ forget_touched(ref('int_stage_b__touched_runs'), ['run_id', 'mission']) }}"
) }}

with

rules as ({{ of_touched_runs(ref('stage_b_rules')) }}
),

effects as (
    select * from {{ ref('int_stage_b__rule_effects') }}
),

policy as ({{ policy_periods(ref('rule_effects_policy')) }}
),

judged as (
    select
        rules.*,
        effects.* exclude (run_id, mission, rule_key, why_not),
        case when effects.rule_key is null then 'no_evidence_groups' else effects.why_not end as why_not,
        policy.min_tickets,
        policy.false_discovery_rate,
        {{ effect_verdict() }} as verdict,
        coalesce(uplifts.uplift_verdict, 'undecided') as uplift_verdict,
        coalesce(hard.run_hard_tickets, 0) as run_hard_tickets,
        coalesce(hard.run_hard_hits, 0) as run_hard_hits,
        {{ rule_advice() }} as advice
    from rules
    inner join {{ ref('int_stage_b__runs') }} as runs using (run_id, mission)
    inner join policy on {{ in_force('policy', 'runs.started_at') }}
    left join effects using (run_id, mission, rule_key)
    left join {{ ref('int_stage_b__rule_uplift_verdicts') }} as uplifts using (run_id, mission, rule_key)
    left join {{ ref('int_stage_b__hard_tickets') }} as hard using (run_id, mission)
),

final as (
    select
        run_id,
        mission,
        rule_key,
        is_retired,
        is_protected,
        advice,
        {{ advice_reason() }} as reason,
        verdict,
        uplift_verdict,
        effect,
        effect_lower,
        effect_upper,
        q_value,
        false_discovery_rate,
        active_tickets,
        inactive_tickets,
        min_tickets,
        standard_error,
        log_odds,
        placebo_scale,
        p_value,
        hit_count,
        miss_count,
        confidence,
        drop_confidence,
        run_hard_hits,
        run_hard_tickets,
        {{ rate_with_bounds('run_hard_hits', 'run_hard_tickets', 'run_hard_hit_rate') }},
        {{ as_of() }} as computed_at
    from judged
)

select * from final
