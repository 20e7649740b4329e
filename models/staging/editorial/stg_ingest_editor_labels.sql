-- Every decision of an editor, once per id, for ever. A rejection without a reason of the taxonomy is no label.

{{ config(materialized='landing_feed', feed='ingest_editor_labels', identity=['label_id'], instant='created_at') }}

with

raw_rows as ({{ feed_rows('ingest_editor_labels') }}
),

parsed as (
    select
        *,
        case
            when row_defect is null then from_json(raw_row, '{
                "id": "VARCHAR", "candidate_id": "VARCHAR", "action": "VARCHAR",
                "reject_reason_code": "VARCHAR", "rewrite_severity": "VARCHAR",
                "duplicate_confirmed": "VARCHAR", "duplicate_of": "VARCHAR", "actor_user_id": "VARCHAR",
                "created_at": "VARCHAR", "final_title": "VARCHAR", "final_description": "VARCHAR",
                "note": "VARCHAR"
            }')
        end as row
    from raw_rows
),

typed as (
    select
        source_file,
        raw_row,
        row_defect,
        nullif(row.id, '') as label_id,
        nullif(row.candidate_id, '') as candidate_id,
        nullif(row.action, '') as action,
        nullif(row.reject_reason_code, '') as reject_reason_code,
        nullif(row.rewrite_severity, '') as rewrite_severity,
        try_cast(nullif(row.duplicate_confirmed, '') as boolean) as duplicate_confirmed,
        row.duplicate_confirmed as duplicate_confirmed_text,
        nullif(row.duplicate_of, '') as duplicate_of,
        nullif(row.actor_user_id, '') as actor_user_id,
        {{ instant('row.created_at') }} as created_at,
        row.created_at as created_at_text,
        nullif(row.final_title, '') as final_title,
        nullif(row.final_description, '') as final_description,
        nullif(row.note, '') as note
    from parsed
),

judged as (
    select
        *,
        case
            {{ bad_texts(
                ['label_id', 'candidate_id', 'action', 'actor_user_id'],
                ['reject_reason_code', 'duplicate_of', 'final_title', 'final_description', 'note']
            ) }}
            {{ long_ids(['label_id', 'candidate_id', 'duplicate_of', 'actor_user_id']) }}
            {{ bad_instants(['created_at']) }}
            {{ bad_choice('action', ['promoted', 'promoted_after_edit', 'rejected', 'needs_work']) }}
            {{ bad_choice('rewrite_severity', ['light', 'moderate', 'heavy']) }}
            {{ bad_casts(['duplicate_confirmed'], 'boolean') }}
            when action = 'rejected' and reject_reason_code is null
                then {{ defect('missing_reject_reason', 'reject_reason_code') }}
            when reject_reason_code not in (select reject_reason_code from {{ ref('reject_reasons') }})
                then {{ defect('unknown_value', 'reject_reason_code') }}
        end as defect
    from typed
),

final as (
    select
        {{ landing_verdict() }},
        label_id,
        candidate_id,
        action,
        reject_reason_code,
        rewrite_severity,
        duplicate_confirmed,
        duplicate_of,
        {{ pseudonym('actor_user_id') }} as actor_user_id,
        created_at,
        {{ redacted('final_title') }} as final_title,
        {{ redacted('final_description') }} as final_description,
        {{ redacted('note') }} as note
    from judged
)

select * from final
