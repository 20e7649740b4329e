-- What could be changed about a source, the best of each kind: learnt on four fifths of its items, and confirmed only
-- when the fifth that it was not learnt on clears the same test. People adopt; this only shows what speaks for it.

with

policy as ({{ policy_in_force(ref('editorial')) }}
),

measured as (
    select
        measured.*,
        policy.tuning_min_learned,
        policy.tuning_min_held_out,
        case measured.kind
            when 'pause' then policy.pause_promotion_below
            when 'run_frequency' then policy.run_yield_below
            when 'text_normalisation_rule' then policy.text_rule_share_above
        end::double as bar,
        {{ tuning_margin('learned') }} as learned_margin,
        {{ tuning_margin('held') }} as held_out_margin,
        {{ tuning_effect('learned') }} as learned_effect,
        {{ tuning_effect('held') }} as held_out_effect
    from {{ ref('int_tuning__measured') }} as measured
    cross join policy
),

-- What a source is set to already is no suggestion, nor is a source that is paused.
best as (
    select measured.*
    from measured
    left join {{ ref('int_editorial__source_states') }} as states on measured.source_key = states.source_key
    where
        measured.learned_margin > 0
        and measured.learned_in_count >= measured.tuning_min_learned
        and coalesce(measured.learned_out_count >= measured.tuning_min_learned, true)
        and not coalesce(case measured.kind
            when 'include_pattern' then list_contains(states.include_url_patterns, measured.value)
            when 'exclude_pattern' then list_contains(states.exclude_url_patterns, measured.value)
            when 'quality_threshold' then states.quality_threshold >= measured.value::double
            when 'pause' then states.is_paused
        end, false)
    qualify row_number() over (
        partition by measured.source_key, measured.kind order by measured.learned_margin desc, measured.value asc
    ) = 1
),

final as (
    select
        'ts_' || left(sha256(concat_ws('|', kind, source_key, value)), 16) as suggestion_id,
        source_key,
        kind,
        value,
        case
            when
                held_in_count >= tuning_min_held_out
                and coalesce(held_out_count >= tuning_min_held_out, true)
                and held_out_margin > 0 then 'confirmed'
            else 'undecided'
        end as verdict,
        learned_effect as expected_effect,
        held_out_effect,
        learned_margin,
        held_out_margin,
        bar,
        learned_in_count,
        learned_in_successes,
        learned_out_count,
        learned_out_successes,
        held_in_count as held_out_in_count,
        held_in_successes as held_out_in_successes,
        held_out_count as held_out_out_count,
        held_out_successes as held_out_out_successes,
        tuning_min_learned,
        tuning_min_held_out,
        {{ as_of() }} as computed_at
    from best
)

select * from final
