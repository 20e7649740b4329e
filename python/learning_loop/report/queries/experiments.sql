-- Where each experiment stands: its gate, the lift of its primary metric, the verdict.
select
    experiments.name,
    gates.experiment_id,
    gates.status,
    gates.deployment_mode,
    gates.sample_gate,
    gates.verdict,
    least(gates.control_counted, gates.treatment_counted) as reviewed_count,
    gates.min_reviewed,
    least(gates.control_days, gates.treatment_days) as day_count,
    gates.min_days,
    gates.expected_open_date::varchar as expected_open_date,
    gates.primary_metric,
    gates.lift,
    gates.lift_lower,
    gates.lift_upper,
    gates.min_lift,
    gates.guardrail_status,
    gates.verdict_sentence,
    count(*) over () as experiment_count
from experiment_gates as gates
inner join ingest_experiments as experiments on gates.experiment_id = experiments.id
order by gates.status != 'running', gates.experiment_id
limit 15
