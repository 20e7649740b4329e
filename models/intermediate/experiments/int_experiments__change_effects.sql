-- What editors decided in the weeks before and after each change of a source, by the metric that the change is followed
-- by, and whether the effect held.

with

policy as ({{ policy_periods(ref('experiments')) }}
),

metric_kinds as ({{ policy_periods(ref('experiment_metrics'), ['metric_name']) }}
),

known_changes as (
    {{ known_rows(ref('stg_ingest_tuning_changes'), 'applied_at') }}
),

-- Only a rate has bounds here: an experiment on another metric is followed by the promotion rate.
changes as (
    select
        changes.*,
        policy.hold_days,
        policy.hold_min_reviewed,
        verdicts.experiment_verdict,
        verdicts.is_gated,
        coalesce(metric_kinds.kind = 'rate' and metric_kinds.role = 'effect', false) as is_followed_by_primary,
        case when is_followed_by_primary then verdicts.primary_metric else 'promotion_rate' end as held_metric,
        case when is_followed_by_primary and verdicts.direction = 'down' then -1 else 1 end as wanted_sign,
        case when is_followed_by_primary then verdicts.expected_lift end as expected_lift,
        case when is_followed_by_primary then verdicts.expected_least_gain end as expected_least_gain
    from known_changes as changes
    inner join policy on {{ in_force('policy', 'changes.applied_at') }}
    left join {{ ref('tuning_change_verdicts') }} as verdicts on changes.tuning_change_id = verdicts.tuning_change_id
    left join metric_kinds
        on
            verdicts.primary_metric = metric_kinds.metric_name
            and {{ in_force('metric_kinds', 'changes.applied_at') }}
),

compared as (
    select
        changes.*,
        coalesce(sides.before_count, 0) as before_count,
        coalesce(sides.after_count, 0) as after_count,
        sides.before_total / nullif(sides.before_count, 0) as before_value,
        sides.after_total / nullif(sides.after_count, 0) as after_value,
        {{ difference_with_bounds(
            'sides.after_total', 'sides.after_count', 'sides.before_total', 'sides.before_count', 'delta'
        ) }},
        case when wanted_sign = 1 then delta_lower else -delta_upper end as gain_lower,
        case when wanted_sign = 1 then delta_upper else -delta_lower end as gain_upper
    from changes
    left join {{ ref('int_experiments__before_after') }} as sides
        on changes.tuning_change_id = sides.tuning_change_id and changes.held_metric = sides.metric_name
),

final as (
    select
        *,
        case
            when {{ as_of() }} < applied_at + to_days(hold_days) then 'too_early'
            when least(before_count, after_count) < hold_min_reviewed
                then 'insufficient_data'
            when {{ rounded('gain_lower') }} > 0 then 'held'
            -- Gone, or smaller than the least that the experiment had shown. Not than the lift it had shown: what is
            -- adopted was lucky, and would fall short of that every third time.
            when {{ rounded('gain_upper') }} < greatest(0, coalesce(expected_least_gain, 0))
                then 'not_held'
            else 'undecided'
        end as held
    from compared
)

select * from final
