-- Reflections that could not be read, for debugging, apart from review. Null where a line names no ticket or cycle.

{{ config(materialized='view') }}

with

final as (
    select
        malformed.run_id,
        malformed.mission,
        nullif(malformed.ticket_key, '') as ticket_key,
        nullif(malformed.reflection_cycle, -1) as reflection_cycle,
        nullif(malformed.reflection_id, '') as reflection_id,
        malformed.error_type,
        malformed.error_message,
        malformed.raw_snippet,
        malformed.global_step
    from {{ ref('stg_stage_b_reflection_malformed') }} as malformed
    semi join {{ ref('int_stage_b__runs') }} using (run_id, mission)
    where not malformed.is_displaced and malformed.row_at <= {{ as_of() }}
)

select * from final
