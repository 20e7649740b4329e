-- Tickets that could not be judged at all, for debugging, apart from review.

{{ config(materialized='view') }}

with

final as (
    select
        failures.run_id,
        failures.mission,
        failures.ticket_key,
        failures.group_id,
        failures.gt_label,
        failures.failure_reason as reason,
        failures.epoch,
        failures.global_step
    from {{ ref('stg_stage_b_failure_malformed') }} as failures
    semi join {{ ref('int_stage_b__runs') }} using (run_id, mission)
    where not failures.is_displaced and failures.row_at <= {{ as_of() }}
)

select * from final
