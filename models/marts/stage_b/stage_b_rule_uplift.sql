-- Did a reflection move the groups it speaks about more than the others moved? Evidence beside the windowed credit,
-- never instead of it: a base rate that rises for all is nobody's doing. Two guards must agree on a verdict.

{{ config(
    materialized='incremental',
    pre_hook="{{ forget_touched(ref('int_stage_b__touched_runs'), ['run_id', 'mission']) }}"
) }}

with

reflections as (
    select
        run_id,
        mission,
        reflection_id,
        evidence_group_ids,
        uplift_min_tickets,
        uplift_false_discovery_rate
    from {{ ref('int_stage_b__reflections') }}
),

credit as (
    select
        run_id,
        mission,
        reflection_id,
        rule_keys
    from {{ ref('int_stage_b__windowed_credit') }}
),

final as (
    select
        uplift.run_id,
        uplift.mission,
        uplift.reflection_id,
        credit.rule_keys,
        reflections.evidence_group_ids,
        uplift.global_step,
        uplift.before_start_step,
        uplift.after_end_step,
        {{ cell_columns(['evidence_before', 'evidence_after', 'others_before', 'others_after']) }},
        uplift.uplift,
        uplift.uplift_lower,
        uplift.uplift_upper,
        uplift.placebo_steps,
        uplift.placebo_p_value,
        uplift.q_value,
        reflections.uplift_min_tickets as min_tickets,
        reflections.uplift_false_discovery_rate as false_discovery_rate,
        case
            when uplift.q_value is null then 'undecided'
            when
                {{ rounded('uplift.q_value') }} > {{ rounded('reflections.uplift_false_discovery_rate') }}
                then 'undecided'
            when uplift.uplift_lower > 0 then 'helped'
            when uplift.uplift_upper < 0 then 'hurt'
            else 'undecided'
        end as verdict,
        {{ as_of() }} as computed_at
    from {{ ref('int_stage_b__rule_uplift') }} as uplift
    inner join reflections using (run_id, mission, reflection_id)
    inner join credit using (run_id, mission, reflection_id)
)

select * from final
