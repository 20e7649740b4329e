-- Where and at which step every line of the five line feeds lies: what tells which runs exist, and which were touched.

with

final as (
    select
        run_id,
        mission,
        row_at,
        global_step,
        loaded_in_run,
        is_displaced
    from {{ ref('stg_stage_b_selections') }}
    union all
    select
        run_id,
        mission,
        row_at,
        nullif(global_step, -1) as global_step,
        loaded_in_run,
        is_displaced
    from {{ ref('stg_stage_b_trajectories') }}
    union all
    select
        run_id,
        mission,
        row_at,
        global_step,
        loaded_in_run,
        is_displaced
    from {{ ref('stg_stage_b_reflections') }}
    union all
    select
        run_id,
        mission,
        row_at,
        nullif(global_step, -1) as global_step,
        loaded_in_run,
        is_displaced
    from {{ ref('stg_stage_b_failure_malformed') }}
    union all
    select
        run_id,
        mission,
        row_at,
        global_step,
        loaded_in_run,
        is_displaced
    from {{ ref('stg_stage_b_reflection_malformed') }}
)

select * from final
