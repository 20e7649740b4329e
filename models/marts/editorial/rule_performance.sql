-- Whether each quality rule earns its penalty: are the candidates that it meets promoted less often than others of their
-- sources? Given each source's counts the promotions among its hits are hypergeometric, summed over sources (Mantel and
-- Haenszel 1959), so that a rule which meets a bad source more often is not praised for the source.

with

policy as (
    select
        *,
        rule_false_discovery_rate as false_discovery_rate
    from ({{ policy_in_force(ref('editorial_bars')) }})
),

summed as (
    select
        rule_id,
        sum(hit_count)::bigint as hit_count,
        sum(hit_promoted_count)::bigint as hit_promoted_count,
        {{ exact_sum('hit_count * promoted_count / decided_count', digits=38) }}::double as expected,
        {{ exact_sum(
            'hit_count * (promoted_count / decided_count) * (1 - promoted_count / decided_count)'
            ' * (decided_count - hit_count) / greatest(decided_count - 1, 1)', digits=38
        ) }}::double as variance
    from {{ ref('int_quality__rule_hits_by_source') }}
    group by rule_id
),

measured as (
    select
        rules.rule_id,
        rules.dimension,
        rules.field,
        rules.penalty::double as penalty,
        rules.is_hard_fail,
        coalesce(summed.hit_count, 0) as hit_count,
        coalesce(summed.hit_promoted_count, 0) as hit_promoted_count,
        summed.expected,
        sqrt(summed.variance) as deviation,
        coalesce(summed.hit_promoted_count > summed.expected, false) as is_above,
        coalesce(
            greatest(0, abs(summed.hit_promoted_count - summed.expected) - 0.5) / nullif(sqrt(summed.variance), 0), 0
        ) as z,
        {{ rounded(normal_upper_tail('z')) }} as p_value,
        coalesce(summed.hit_count, 0) >= policy.rule_min_hits as is_judged,
        policy.rule_window_days,
        policy.rule_min_hits
    from {{ ref('int_quality__rules') }} as rules
    cross join policy
    left join summed on rules.rule_id = summed.rule_id
),

ranked as (
    select
        *,
        count(*) over (partition by is_judged) as judged_count,
        {{ p_value_rank('is_judged, is_above') }} as rank_of_p_value
    from measured
),

listed as (
    select
        ranked.*,
        {{ p_value_bar('policy', 'is_judged, is_above') }} as p_value_bar
    from ranked
    cross join policy
),

final as (
    select
        rule_id,
        dimension,
        field,
        penalty,
        is_hard_fail,
        rule_window_days as window_days,
        hit_count,
        hit_promoted_count,
        {{ rate_with_bounds('hit_promoted_count', 'hit_count', 'hit_promotion_rate') }},
        {{ rounded('expected / nullif(hit_count, 0)') }} as usual_promotion_rate,
        {{ rounded('(hit_promoted_count - expected) / nullif(hit_count, 0)') }} as lift,
        {{ rounded('(hit_promoted_count - expected - 1.96 * deviation) / nullif(hit_count, 0)') }} as lift_lower,
        {{ rounded('(hit_promoted_count - expected + 1.96 * deviation) / nullif(hit_count, 0)') }} as lift_upper,
        if(is_judged, p_value, null) as p_value,
        if(is_judged, {{ rounded('p_value_bar') }}, null) as p_value_bar,
        case
            when is_hard_fail and hit_promoted_count > 0 then 'hides_promoted'
            when not is_judged then 'insufficient_data'
            when p_value > p_value_bar then 'undecided'
            when is_above then 'worse_than_chance'
            else 'earns'
        end as verdict,
        rule_min_hits,
        {{ as_of() }} as computed_at
    from listed
)

select * from final
