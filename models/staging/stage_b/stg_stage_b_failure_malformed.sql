-- Tickets that a run could not judge at all (hard failures). They are for debugging, never for review.

{{ config(
    materialized='landing_feed',
    feed='stage_b_failure_malformed',
    identity=['run_id', 'mission', 'global_step', 'ticket_key'],
    instant='row_at'
) }}

with

raw_rows as (
    select
        source_file,
        raw_row,
        {{ row_defect('raw_row') }} as row_defect
    from {{ ref('landing_rows') }}
    where feed = 'stage_b_failure_malformed'
),

parsed as (
    select
        *,
        case when row_defect is null then from_json(raw_row, '{{ ticket_line_shape() }}') end as line,
        case when row_defect is null then nullif(raw_row ->> '$.reason', '') end as failure_reason
    from raw_rows
),

typed as (
    select
        *,
        {{ ticket_head() }}
    from parsed
),

judged as (
    select
        *,
        case
            {{ stage_b_head_branches() }}
            {{ ticket_branches() }}
            {{ required('global_step', 'line.global_step', 'global_step') }}
            {{ optional('epoch', 'line.epoch', 'epoch') }}
            when failure_reason is null then {{ defect('missing_field', 'reason') }}
            when failure_reason not in ('no_candidates', 'format_error', 'no_valid_candidates', 'selection_error')
                then {{ defect('unknown_value', 'reason') }}
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
        ticket_key,
        group_id,
        gt_label,
        epoch,
        global_step,
        failure_reason
    from judged
)

select * from final
