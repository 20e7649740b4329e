-- What each experiment measured.
select
    experiment_id,
    metric_name,
    role,
    baseline_value,
    baseline_n,
    treatment_value,
    treatment_n,
    delta_value,
    sequence_lower,
    sequence_upper,
    statistical_rule
from ingest_experiment_metrics
order by experiment_id, is_primary desc, role, metric_name
