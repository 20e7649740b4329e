-- The applied reflections of the touched runs, with the policy they are credited by. Their order of application is
-- (global_step, guidance_step_after, reflection_id), one without a guidance step first.

{{ config(schema='scratch') }}

with

runs as ({{ of_touched_runs(ref('int_stage_b__runs')) }}
),

reflections as (
    select * from {{ ref('stg_stage_b_reflections') }}
    where not is_displaced and row_at <= {{ as_of() }} and is_applied
),

final as (
    select
        reflections.run_id,
        reflections.mission,
        reflections.reflection_id,
        reflections.global_step,
        row_number() over (
            partition by reflections.run_id, reflections.mission
            order by reflections.global_step, coalesce(reflections.guidance_step_after, -1), reflections.reflection_id
        ) as application_order,
        row_number() over (
            partition by reflections.run_id, reflections.mission, reflections.global_step
            order by coalesce(reflections.guidance_step_after, -1) desc, reflections.reflection_id desc
        ) = 1 as is_active_at_its_step,
        reflections.evidence_group_ids,
        reflections.operations,
        runs.last_known_step,
        runs.feedback_window_steps,
        runs.uplift_window_steps,
        runs.uplift_min_tickets,
        runs.uplift_placebo_steps,
        runs.uplift_min_placebo_steps,
        runs.uplift_false_discovery_rate,
        runs.uplift_seed
    from reflections
    inner join runs on reflections.run_id = runs.run_id and reflections.mission = runs.mission
)

select * from final
