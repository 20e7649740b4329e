-- The best change of each source, kind and direction, by the days that suggestions are learnt on: those that clear
-- their test there, would change anything, and rest on enough items.

{{ config(schema='scratch') }}

with

editorial as ({{ policy_in_force(ref('editorial')) }}
),

tuning as ({{ policy_in_force(ref('tuning_policy')) }}
),

policy as (
    select
        editorial.*,
        tuning.* exclude (keep_open_days, approval_late_days)
    from editorial
    cross join tuning
),

measured as (
    select
        measured.*,
        policy.tuning_min_learned,
        policy.tuning_min_held_out,
        {{ tuning_bar('measured', 'policy') }}::double as bar,
        {{ tuning_margin('learned') }} as learned_margin,
        {{ tuning_margin('held') }} as held_out_margin,
        {{ tuning_effect('learned') }} as learned_effect,
        {{ tuning_effect('held') }} as held_out_effect
    from {{ ref('int_tuning__measured') }} as measured
    cross join policy
),

-- Of changes that are as good, the least.
final as (
    select measured.*
    from measured
    left join {{ ref('int_editorial__source_states') }} as states on measured.source_key = states.source_key
    where
        measured.learned_margin > 0
        and measured.learned_in_count >= measured.tuning_min_learned
        and coalesce(measured.learned_out_count >= measured.tuning_min_learned, true)
        and {{ is_possible_change('measured', 'states') }}
    qualify row_number() over (
        partition by measured.source_key, measured.kind, measured.direction
        order by
            measured.learned_margin desc,
            if(measured.direction = 'lower', measured.value, null) desc nulls last,
            measured.value asc
    ) = 1
)

select * from final
