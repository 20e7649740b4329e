-- The experiments as they stand at as_of: the state in force, with what the plan says.

with

final as (
    select
        experiment_id as id,
        experiment_name as name,
        hypothesis,
        scope_json::json as scope_json,
        status,
        started_at,
        ended_at,
        updated_at,
        deployment_mode,
        primary_metric,
        direction,
        planned_treatment_share
    from {{ ref('int_experiments__judgements') }}
    where judged_at = {{ as_of() }}
)

select * from final
