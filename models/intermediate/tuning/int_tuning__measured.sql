-- Each possible change with what it would have touched (in) and left (out) of the source's items, learnt and held out.

{{ config(schema='scratch') }}

with

learned as (
    select * from {{ ref('int_tuning__folds') }}
    where not is_held_out
),

held as (
    select * from {{ ref('int_tuning__folds') }}
    where is_held_out
),

-- What was never met on a held-out day cannot be checked, and stays undecided.
final as (
    select
        learned.source_key,
        learned.kind,
        learned.direction,
        learned.value,
        learned.test,
        learned.in_count as learned_in_count,
        learned.in_successes as learned_in_successes,
        learned.in_design_effect as learned_in_design_effect,
        learned.out_count as learned_out_count,
        learned.out_successes as learned_out_successes,
        learned.out_design_effect as learned_out_design_effect,
        coalesce(held.in_count, 0) as held_in_count,
        coalesce(held.in_successes, 0) as held_in_successes,
        coalesce(held.in_design_effect, 1) as held_in_design_effect,
        if(learned.out_count is null, null, coalesce(held.out_count, 0)) as held_out_count,
        if(learned.out_count is null, null, coalesce(held.out_successes, 0)) as held_out_successes,
        coalesce(held.out_design_effect, 1) as held_out_design_effect
    from learned
    left join held using (source_key, kind, direction, value)
)

select * from final
