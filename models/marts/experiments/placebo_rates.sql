-- How often the gate calls chance an effect on the labels of this warehouse, and how often it finds one that is there.
-- It lies where even the lower bound is above what it promises; of few placebos nothing can be told.

with

policy as ({{ policy_in_force(ref('experiments')) }}
),

final as (
    select
        counts.metric_name,
        counts.rate_group,
        counts.placebo_count,
        counts.opened_count,
        counts.rejected_count,
        {{ rounded('counts.rejected_count / nullif(counts.opened_count, 0)') }} as rejected_rate,
        {{ rounded('bounds.rejected_lower') }} as rejected_lower,
        {{ rounded('bounds.rejected_upper') }} as rejected_upper,
        policy.alpha,
        case
            when counts.opened_count < counts.min_opened then 'cannot_tell'
            when bounds.rejected_lower > policy.alpha then 'lies'
            else 'holds'
        end as verdict,
        counts.min_opened,
        counts.planted_lift,
        counts.found_count,
        {{ rounded('counts.found_count / nullif(counts.opened_count, 0)') }} as power,
        {{ rounded('bounds.found_lower') }} as power_lower,
        {{ rounded('bounds.found_upper') }} as power_upper,
        {{ as_of() }} as computed_at
    from {{ ref('int_experiments__placebo_counts') }} as counts
    inner join {{ ref('int_experiments__placebo_bounds') }} as bounds using (metric_name, rate_group)
    cross join policy
)

select * from final
