-- Whether a source's promotion rate moved: the last trend_days against as many before, decisions of one day counted for
-- what they say together. Decaying or improving when the chance of such a difference clears the bar of the night
-- (Benjamini and Hochberg 1995): with a bar for each source alone, some steady one of many is always below it.

with

policy as ({{ policy_in_force(ref('source_trends_policy')) }}
),

counted as (
    select
        source_key,
        any_value(trend_days) as trend_days,
        any_value(min_reviews_to_rank) as min_reviews_to_rank,
        coalesce(sum(decided_count) filter (where is_recent), 0)::bigint as recent_count,
        coalesce(sum(promoted_count) filter (where is_recent), 0)::bigint as recent_promoted_count,
        coalesce(sum(decided_count) filter (where not is_recent), 0)::bigint as earlier_count,
        coalesce(sum(promoted_count) filter (where not is_recent), 0)::bigint as earlier_promoted_count,
        coalesce(any_value(design_effect) filter (where is_recent), 1) as recent_design_effect,
        coalesce(any_value(design_effect) filter (where not is_recent), 1) as earlier_design_effect,
        (recent_promoted_count + earlier_promoted_count) / (recent_count + earlier_count) as rate,
        recent_design_effect / nullif(recent_count, 0) + earlier_design_effect / nullif(earlier_count, 0) as spread
    from {{ ref('int_editorial__trend_windows') }}
    group by source_key
),

measured as (
    select
        *,
        least(recent_count, earlier_count) >= min_reviews_to_rank as is_judged,
        {{ difference_with_bounds(
            '(recent_promoted_count / recent_design_effect)', '(recent_count / recent_design_effect)',
            '(earlier_promoted_count / earlier_design_effect)', '(earlier_count / earlier_design_effect)', 'change'
        ) }},
        change > 0 as is_rise,
        coalesce(abs(change) / sqrt(nullif(rate * (1 - rate) * spread, 0)), 0) as z
    from counted
),

tested as (
    select
        *,
        {{ rounded(normal_upper_tail('z')) }} as p_value,
        count(*) over (partition by is_judged) as judged_count,
        {{ p_value_rank('is_judged, is_rise') }} as rank_of_p_value
    from measured
),

listed as (
    select
        tested.*,
        {{ p_value_bar('policy', 'is_judged, is_rise') }} as p_value_bar
    from tested
    cross join policy
),

final as (
    select
        source_key,
        trend_days,
        recent_count,
        recent_promoted_count,
        earlier_count,
        earlier_promoted_count,
        change,
        change_lower,
        change_upper,
        case
            when not is_judged then 'insufficient_data'
            when p_value > p_value_bar then 'undecided'
            when is_rise then 'improving'
            else 'decaying'
        end as trend,
        min_reviews_to_rank,
        recent_design_effect,
        earlier_design_effect,
        if(is_judged, p_value, null) as p_value,
        if(is_judged, {{ rounded('p_value_bar') }}, null) as p_value_bar,
        {{ as_of() }} as computed_at
    from listed
)

select * from final
