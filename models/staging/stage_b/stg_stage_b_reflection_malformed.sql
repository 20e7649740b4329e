-- Reflections whose answer could not be read. Several may concern one reflection: the ticket and the cycle tell them
-- apart, empty where a line names none, because an identity has no nulls.

{{ config(
    materialized='landing_feed',
    feed='stage_b_reflection_malformed',
    identity=['run_id', 'mission', 'global_step', 'reflection_id', 'reflection_cycle', 'ticket_key'],
    instant='row_at'
) }}

with

raw_rows as (
    select
        source_file,
        raw_row,
        {{ row_defect('raw_row') }} as row_defect
    from {{ ref('landing_rows') }}
    where feed = 'stage_b_reflection_malformed'
),

parsed as (
    select
        *,
        case
            when row_defect is null then from_json(raw_row, '{
                "mission": "VARCHAR", "ticket_key": "VARCHAR", "reflection_cycle": "VARCHAR",
                "reflection_id": "VARCHAR", "error_type": "VARCHAR", "error_message": "VARCHAR",
                "raw_snippet": "VARCHAR", "global_step": "VARCHAR", "timestamp": "VARCHAR"
            }')
        end as line
    from raw_rows
),

typed as (
    select
        *,
        {{ stage_b_run_id() }} as run_id,
        {{ stage_b_mission() }} as mission,
        nullif(line.mission, '') as line_mission,
        {{ stage_b_row_at('line.timestamp') }} as row_at,
        {{ whole_number('line.global_step') }} as global_step,
        {{ whole_number('line.reflection_cycle') }} as reflection_cycle
    from parsed
),

judged as (
    select
        *,
        case
            {{ stage_b_head_branches() }}
            {{ required('global_step', 'line.global_step', 'global_step') }}
            {{ optional('reflection_cycle', 'line.reflection_cycle', 'reflection_cycle') }}
            when greatest(length(line.ticket_key), length(line.reflection_id)) > 256
                then {{ defect('id_too_long', 'ticket_key or reflection_id') }}
        end as defect
    from typed
),

final as (
    select
        source_file,
        false as is_ignored,
        coalesce(row_defect, defect.reason_code) as reason_code,
        case when row_defect is null then defect.detail else {{ row_defect_detail('raw_row') }} end as detail,
        case when reason_code is not null then {{ quarantine_text('raw_row') }} end as raw_row,
        run_id,
        mission,
        row_at,
        global_step,
        coalesce(line.reflection_id, '') as reflection_id,
        coalesce(reflection_cycle, -1) as reflection_cycle,
        coalesce(line.ticket_key, '') as ticket_key,
        line.error_type,
        {{ redacted('line.error_message') }} as error_message,
        left({{ redacted('line.raw_snippet') }}, 500) as raw_snippet
    from judged
)

select * from final
