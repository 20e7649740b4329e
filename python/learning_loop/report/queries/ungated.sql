-- Changes that were deployed in full without an experiment that was ready, or tried without one that is known.
select
    source_key,
    config_version,
    deployment_mode,
    approved_by,
    applied_at,
    coalesce(experiment_id, 'none') as experiment_id,
    experiment_verdict
from ungated_tuning_changes
order by applied_at desc, tuning_change_id
limit 8
