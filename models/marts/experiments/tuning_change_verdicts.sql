-- Whether each change that was deployed in full rested on an experiment that was ready when it was applied, judged from
-- the data up to then. A log: the first verdict is kept, for what arrives later could not be known by who decided.

{{ config(
    materialized='incremental',
    full_refresh=false,
    pre_hook="{{ delete_rows_of_this_run() }}"
) }}

with

changes as (
    select * from ({{ known_rows(ref('stg_ingest_tuning_changes'), 'applied_at') }})
    where deployment_mode = 'full'
),

judged as (
    select
        {{ run_id() }} as run_id,
        changes.tuning_change_id,
        changes.source_key,
        changes.config_version,
        changes.experiment_id,
        changes.approved_by,
        changes.applied_at,
        case
            when changes.experiment_id is null then 'no_experiment'
            else coalesce(verdicts.verdict, 'unknown_experiment')
        end as experiment_verdict,
        verdicts.reasons,
        coalesce(experiment_verdict = 'ready_for_approval', false) as is_gated,
        verdicts.lift as expected_lift,
        inputs.primary_metric,
        inputs.direction,
        case when inputs.direction = 'down' then -verdicts.lift_upper else verdicts.lift_lower end
            as expected_least_gain
    from changes
    left join {{ ref('int_experiments__gate_verdicts') }} as verdicts
        on changes.experiment_id = verdicts.experiment_id and changes.applied_at = verdicts.judged_at
    left join {{ ref('int_experiments__gate_inputs') }} as inputs
        on changes.experiment_id = inputs.experiment_id and changes.applied_at = inputs.judged_at
),

logged as ({{ log_before_tonight('select * from judged') }}),

final as (
    select judged.*
    from judged
    anti join logged on judged.tuning_change_id = logged.tuning_change_id
)

select * from final
