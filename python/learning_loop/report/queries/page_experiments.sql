-- Every experiment, for a page of its own.
select
    gates.experiment_id as name,
    experiments.name as title,
    experiments.hypothesis,
    gates.status,
    gates.deployment_mode,
    gates.sample_gate,
    replace(gates.verdict, '_', ' ') as verdict,
    gates.verdict_sentence,
    least(gates.control_counted, gates.treatment_counted) as reviewed_count,
    gates.min_reviewed,
    least(gates.control_days, gates.treatment_days) as day_count,
    gates.min_days,
    gates.expected_open_date::varchar as expected_open_date,
    experiments.started_at
from experiment_gates as gates
inner join ingest_experiments as experiments on gates.experiment_id = experiments.id
order by gates.status != 'running', gates.experiment_id
