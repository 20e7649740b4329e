-- What people and CI report on the steps of a candidate's checklist, once per update_id, for ever.

{{ config(
    materialized='landing_feed', feed='checklist_updates', identity=['update_id'], instant='updated_at'
) }}

with

raw_rows as (
    select
        source_file,
        raw_row,
        {{ row_defect('raw_row') }} as row_defect
    from {{ ref('landing_rows') }}
    where feed = 'checklist_updates'
),

parsed as (
    select
        *,
        case
            when row_defect is null then from_json(raw_row, '{
                "update_id": "VARCHAR", "candidate_key": "VARCHAR", "step_id": "VARCHAR", "status": "VARCHAR",
                "actor": "VARCHAR", "updated_at": "VARCHAR", "evidence": "VARCHAR", "recorded_by": "VARCHAR"
            }')
        end as sent
    from raw_rows
),

typed as (
    select
        source_file,
        raw_row,
        row_defect,
        nullif(sent.update_id, '') as update_id,
        nullif(sent.candidate_key, '') as candidate_key,
        nullif(sent.step_id, '') as step_id,
        nullif(sent.status, '') as status,
        nullif(sent.actor, '') as actor,
        {{ instant('sent.updated_at') }} as updated_at,
        nullif(sent.updated_at, '') as updated_at_text,
        {{ redacted("nullif(sent.evidence, '')") }} as evidence,
        {{ redacted("nullif(sent.recorded_by, '')") }} as recorded_by
    from parsed
),

judged as (
    select
        *,
        case
            when update_id is null then {{ defect('missing_field', 'update_id') }}
            when candidate_key is null then {{ defect('missing_field', 'candidate_key') }}
            when step_id is null then {{ defect('missing_field', 'step_id') }}
            when status is null then {{ defect('missing_field', 'status') }}
            when actor is null then {{ defect('missing_field', 'actor') }}
            when updated_at_text is null then {{ defect('missing_field', 'updated_at') }}
            when {{ is_no_text('update_id') }} then {{ defect('wrong_type', 'update_id') }}
            when {{ is_no_text('candidate_key') }} then {{ defect('wrong_type', 'candidate_key') }}
            when {{ is_no_text('actor') }} then {{ defect('wrong_type', 'actor') }}
            when length(update_id) > 256 then {{ defect('id_too_long', 'update_id') }}
            when length(actor) > 256 then {{ defect('id_too_long', 'actor') }}
            when length(candidate_key) > 1024 then {{ defect('id_too_long', 'candidate_key') }}
            when status not in ('pending', 'completed') then {{ defect('unknown_value', 'status') }}
            when step_id not in (select step_id from {{ ref('promotion_steps') }})
                then {{ defect('unknown_value', 'step_id') }}
            when updated_at is null then {{ defect('unreadable_instant', 'updated_at') }}
            when updated_at < timestamptz '2000-01-01' then {{ defect('instant_before_2000', 'updated_at') }}
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
        update_id,
        candidate_key,
        step_id,
        status,
        actor,
        updated_at,
        evidence,
        recorded_by
    from judged
)

select * from final
