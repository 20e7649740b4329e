-- What could be changed about a source, the best of each kind and direction: learnt on four fifths of its days, and
-- confirmed when the fifth that it was not learnt on clears the bar of the night, which is held for all suggestions at
-- once (Benjamini and Hochberg 1995). People adopt; this only shows what speaks for it.

with

policy as ({{ policy_in_force(ref('tuning_policy')) }}
),

best as (
    select * from {{ ref('int_tuning__best_changes') }}
),

-- Each rate of the held-out days half a decision nearer to the other or to the bar (Yates 1934).
nudged as (
    select
        *,
        held_in_count >= tuning_min_held_out and coalesce(held_out_count >= tuning_min_held_out, true) as is_judged,
        held_in_count / held_in_design_effect as weight_in,
        held_out_count / held_out_design_effect as weight_out,
        if(test in ('better', 'over_the_bar'), 1, -1) as wanted,
        greatest(0, least(held_in_count, held_in_successes - wanted * 0.5)) / nullif(held_in_count, 0) as rate_in,
        -- least and greatest pass over a null, the division does not.
        greatest(0, least(held_out_count, held_out_successes + wanted * 0.5)) / nullif(held_out_count, 0) as rate_out,
        coalesce(
            (weight_in * rate_in + weight_out * rate_out) / nullif(weight_in + weight_out, 0), bar
        ) as rate_of_both
    from best
),

-- The signed root of the deviance: a normal difference of two rates would be wrong by ten times in the far tails of
-- small groups, and there a night of many suggestions looks.
tested as (
    select
        *,
        if(wanted * (rate_in - coalesce(rate_out, bar)) > 0, sqrt(greatest(0, 2 * (
            weight_in * {{ relative_entropy('rate_in', 'rate_of_both') }}
            + coalesce(weight_out * {{ relative_entropy('rate_out', 'rate_of_both') }}, 0)
        ))), 0) as z,
        {{ rounded(normal_upper_tail('z')) }} as p_value
    from nudged
),

ranked as (
    select
        *,
        count(*) over (partition by is_judged) as judged_count,
        {{ p_value_rank('is_judged') }} as rank_of_p_value
    from tested
),

listed as (
    select
        ranked.*,
        {{ p_value_bar('policy', 'is_judged') }} as p_value_bar
    from ranked
    cross join policy
),

final as (
    select
        {{ suggestion_id() }} as suggestion_id,
        source_key,
        kind,
        direction,
        value,
        if(is_judged and p_value <= p_value_bar, 'confirmed', 'undecided') as verdict,
        learned_effect as expected_effect,
        held_out_effect,
        learned_margin,
        held_out_margin,
        bar,
        if(is_judged, p_value, null) as p_value,
        if(is_judged, {{ rounded('p_value_bar') }}, null) as p_value_bar,
        learned_in_count,
        learned_in_successes,
        learned_out_count,
        learned_out_successes,
        held_in_count as held_out_in_count,
        held_in_successes as held_out_in_successes,
        held_out_count as held_out_out_count,
        held_out_successes as held_out_out_successes,
        held_in_design_effect as held_out_design_effect,
        tuning_min_learned,
        tuning_min_held_out,
        {{ as_of() }} as computed_at
    from listed
)

select * from final
