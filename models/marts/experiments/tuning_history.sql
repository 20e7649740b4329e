-- Every change of a source: who approved it, on what experiment, what editors decided in the weeks before and after,
-- and whether the effect held. A source changes for many reasons: `held` says that it got better, not by what alone.

with

all_metrics as (
    select
        tuning_change_id,
        to_json(list({
            'metric_name': metric_name, 'before_count': before_count, 'before': before_total / nullif(before_count, 0),
            'after_count': after_count, 'after': after_total / nullif(after_count, 0)
        } order by metric_name)) as metrics
    from {{ ref('int_experiments__before_after') }}
    group by tuning_change_id
),

final as (
    select
        changes.source_key,
        changes.config_version,
        changes.tuning_change_id,
        changes.deployment_mode,
        changes.approved_by,
        changes.applied_at,
        changes.experiment_id,
        changes.experiment_verdict,
        changes.is_gated,
        changes.change_json::json as change_json,
        changes.held_metric,
        changes.before_count,
        changes.before_value,
        changes.after_count,
        changes.after_value,
        changes.delta as delta_value,
        changes.delta_lower,
        changes.delta_upper,
        changes.expected_lift,
        changes.expected_least_gain,
        changes.hold_days,
        changes.hold_min_reviewed,
        changes.held,
        all_metrics.metrics,
        {{ as_of() }} as computed_at
    from {{ ref('int_experiments__change_effects') }} as changes
    left join all_metrics on changes.tuning_change_id = all_metrics.tuning_change_id
)

select * from final
