-- Every change of a source: who approved it, on what experiment, what editors decided in the weeks before and after,
-- and whether the effect held. A source changes for many reasons: `held` says that it got better, not by what alone.

with

policy as ({{ policy_periods(ref('experiments')) }}
),

sides as (
    select * from {{ ref('int_experiments__before_after') }}
),

metric_kinds as ({{ policy_periods(ref('experiment_metrics'), ['metric_name']) }}
),

all_metrics as (
    select
        tuning_change_id,
        to_json(list({
            'metric_name': metric_name, 'before_count': before_count, 'before': before_total / nullif(before_count, 0),
            'after_count': after_count, 'after': after_total / nullif(after_count, 0)
        } order by metric_name)) as metrics
    from sides
    group by tuning_change_id
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
    left join sides
        on changes.tuning_change_id = sides.tuning_change_id and changes.held_metric = sides.metric_name
),

final as (
    select
        compared.source_key,
        compared.config_version,
        compared.tuning_change_id,
        compared.deployment_mode,
        compared.approved_by,
        compared.applied_at,
        compared.experiment_id,
        compared.experiment_verdict,
        compared.is_gated,
        compared.change_json::json as change_json,
        compared.held_metric,
        compared.before_count,
        compared.before_value,
        compared.after_count,
        compared.after_value,
        compared.delta as delta_value,
        compared.delta_lower,
        compared.delta_upper,
        compared.expected_lift,
        compared.expected_least_gain,
        compared.hold_days,
        compared.hold_min_reviewed,
        case
            when {{ as_of() }} < compared.applied_at + to_days(compared.hold_days) then 'too_early'
            when least(compared.before_count, compared.after_count) < compared.hold_min_reviewed
                then 'insufficient_data'
            when {{ rounded('compared.gain_lower') }} > 0 then 'held'
            -- Gone, or smaller than the least that the experiment had shown. Not than the lift it had shown: what is
            -- adopted was lucky, and would fall short of that every third time.
            when {{ rounded('compared.gain_upper') }} < greatest(0, coalesce(compared.expected_least_gain, 0))
                then 'not_held'
            else 'undecided'
        end as held,
        all_metrics.metrics,
        {{ as_of() }} as computed_at
    from compared
    left join all_metrics on compared.tuning_change_id = all_metrics.tuning_change_id
)

select * from final
