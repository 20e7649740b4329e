-- What before and after says of a rule, over all the reflections that name it: what one of them says, unless another
-- says the opposite.

{{ config(schema='scratch') }}

with

reflections as (
    select
        run_id,
        mission,
        verdict,
        unnest(rule_keys) as rule_key
    from ({{ of_touched_runs(ref('stage_b_rule_uplift')) }})
),

final as (
    select
        run_id,
        mission,
        rule_key,
        case
            when bool_or(verdict = 'helped') and bool_or(verdict = 'hurt') then 'undecided'
            when bool_or(verdict = 'helped') then 'helped'
            when bool_or(verdict = 'hurt') then 'hurt'
            else 'undecided'
        end as uplift_verdict
    from reflections
    group by run_id, mission, rule_key
)

select * from final
