-- What each experiment's metrics say tonight, arm beside arm. Computed from labels and flags; nobody types them in.

with

measured as (
    select
        experiment_id,
        unnest(metrics, recursive := true)
    from {{ ref('int_experiments__gate_verdicts') }}
    where judged_at = {{ as_of() }}
),

final as (
    select
        experiment_id,
        metric_name,
        kind,
        role,
        is_primary,
        control_value as baseline_value,
        treatment_value,
        difference as delta_value,
        control_count as baseline_n,
        treatment_count as treatment_n,
        control_lower as baseline_lower,
        control_upper as baseline_upper,
        treatment_lower,
        treatment_upper,
        difference_lower as delta_lower,
        difference_upper as delta_upper,
        relative as relative_lift,
        relative_lower as relative_lift_lower,
        relative_upper as relative_lift_upper,
        p_value,
        p_value_holm,
        margin,
        statistical_rule,
        strict_rule,
        {{ as_of() }} as computed_at
    from measured
)

select * from final
