-- What each experiment's metrics say tonight, arm beside arm. Computed from labels and flags; nobody types them in.

with

final as (
    select
        verdicts.experiment_id,
        told.metric_name,
        told.kind,
        told.role,
        told.is_primary,
        told.control_value as baseline_value,
        told.treatment_value,
        told.difference as delta_value,
        told.control_count as baseline_n,
        told.treatment_count as treatment_n,
        told.control_lower as baseline_lower,
        told.control_upper as baseline_upper,
        told.treatment_lower,
        told.treatment_upper,
        told.difference_lower as delta_lower,
        told.difference_upper as delta_upper,
        told.relative as relative_lift,
        told.relative_lower as relative_lift_lower,
        told.relative_upper as relative_lift_upper,
        told.p_value,
        told.p_value_holm,
        told.margin,
        told.statistical_rule,
        told.strict_rule,
        told.is_required,
        told.sequence_lower,
        told.sequence_upper,
        {{ as_of() }} as computed_at
    from {{ ref('int_experiments__gate_verdicts') }} as verdicts
    cross join unnest(verdicts.metrics) as metrics (told)
    where verdicts.judged_at = {{ as_of() }}
)

select * from final
