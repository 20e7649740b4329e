-- Which candidate each run chose for a ticket at a step, typed, once per processing of the ticket.

{{ config(
    materialized='landing_feed',
    feed='stage_b_selections',
    identity=['run_id', 'mission', 'epoch', 'global_step', 'ticket_key'],
    instant='row_at'
) }}

with

raw_rows as (
    select
        source_file,
        raw_row,
        {{ row_defect('raw_row') }} as row_defect
    from {{ ref('landing_rows') }}
    where feed = 'stage_b_selections'
),

parsed as (
    select
        *,
        case when row_defect is null then from_json(raw_row, '{{ ticket_line_shape() }}') end as line,
        case when row_defect is null then raw_row ->> '$.result' end as result_text,
        case
            when left(result_text, 1) = '{' and json_valid(result_text)
                then from_json(result_text, '{{ selection_result_shape() }}')
        end as result
    from raw_rows
),

typed as (
    select
        *,
        {{ ticket_head() }},
        nullif(result.verdict, '') as verdict,
        result.reason as given_reason,
        try_cast(result.vote_strength as double) as vote_strength,
        {{ flag('result.label_match') }} as label_match,
        {{ whole_number('result.selected_candidate') }} as selected_candidate,
        {{ whole_number('result.guidance_step') }} as guidance_step,
        {{ whole_number('result.reflection_cycle') }} as reflection_cycle,
        coalesce({{ json_list('result.warnings') }}, []) as warnings,
        {{ flag('result.conflict_flag') }} as is_conflict,
        {{ flag('result.needs_manual_review') }} as needs_manual_review,
        {{ flag('result.manual_review_recommended') }} as is_manual_review_recommended,
        {{ flag('result.low_agreement') }} as has_low_agreement,
        {{ flag('result.eligible') }} as is_eligible,
        nullif(result.fail_first_exception_phrase, '') as fail_first_exception_phrase
    from parsed
),

judged as (
    select
        *,
        {{ selection_defect() }} as defect
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
        epoch_step,
        global_step,
        -- Older runs wrote no selected_candidate: there, a verdict is a winner. A null that was written is none.
        selected_candidate is not null
        or (
            verdict is not null
            and not coalesce(
                case when result is not null then json_exists(result_text, '$.selected_candidate') end, false
            )
        )
            as has_winner,
        verdict,
        {{ redacted("given_reason") }} as given_reason,
        vote_strength,
        label_match,
        selected_candidate,
        guidance_step,
        reflection_cycle,
        warnings,
        coalesce(is_conflict, false) as is_conflict,
        coalesce(needs_manual_review, false) as needs_manual_review,
        coalesce(is_manual_review_recommended, false) as is_manual_review_recommended,
        coalesce(has_low_agreement, false) as has_low_agreement,
        is_eligible,
        fail_first_exception_phrase
    from judged
)

select * from final
