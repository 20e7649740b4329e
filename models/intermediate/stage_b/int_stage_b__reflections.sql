-- The applied reflections of the touched runs, with the policy they are credited by. Their order of application is
-- (global_step, guidance_step_after, reflection_id), one without a guidance step first. Where a line does not say its
-- step, it is the last of its cycle that is known: of the selections up to its cycle, else of those under the guidance
-- before it, else of its epoch. An operation without a key makes a rule that cannot be followed, and opens its window
-- all the same.

{{ config(schema='scratch') }}

with

runs as ({{ of_touched_runs(ref('int_stage_b__runs')) }}
),

reflections as (
    select * from {{ ref('stg_stage_b_reflections') }}
    where not is_displaced and row_at <= {{ as_of() }} and is_applied
),

unsaid as (
    {{ last_steps('reflections', ref('int_stage_b__tickets'), ['reflection_id'], [
        ('reflection_cycle', 'reflection_cycle'), ('guidance_step', 'guidance_step_before'), ('epoch', 'epoch')
    ]) }}
),

placed as (
    select
        reflections.* replace (
            coalesce(reflections.global_step, unsaid.last_step, runs.last_known_step, 0) as global_step
        ),
        -- Nothing changes by it: what was in force stays in force.
        len(reflections.operations) = 0 as is_noop
    from reflections
    inner join runs using (run_id, mission)
    left join unsaid using (run_id, mission, reflection_id)
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
        reflections.is_noop,
        not reflections.is_noop and row_number() over (
            partition by reflections.run_id, reflections.mission, reflections.global_step, reflections.is_noop
            order by coalesce(reflections.guidance_step_after, -1) desc, reflections.reflection_id desc
        ) = 1 as is_active_at_its_step,
        reflections.evidence_group_ids,
        [operation for operation in reflections.operations if nullif(operation.key, '') is not null] as operations,
        len([operation for operation in reflections.operations if nullif(operation.key, '') is null])
            as unkeyed_operations,
        runs.last_known_step,
        runs.feedback_window_steps,
        runs.uplift_window_steps,
        runs.uplift_min_tickets,
        runs.uplift_placebo_steps,
        runs.uplift_min_placebo_steps,
        runs.uplift_false_discovery_rate,
        runs.uplift_seed
    from placed as reflections
    inner join runs on reflections.run_id = runs.run_id and reflections.mission = runs.mission
)

select * from final
