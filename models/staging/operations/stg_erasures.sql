-- Every erasure of a person: who had it done, which files were rewritten, and the tombstones by which rows of that
-- person are known when they come again. No line names the person.

{{ config(materialized='landing_feed', feed='erasures', identity=['erasure_id'], instant='erased_at') }}

with

raw_rows as ({{ feed_rows('erasures') }}
),

parsed as (
    select
        *,
        case
            when row_defect is null then from_json(raw_row, '{
                "erasure_id": "VARCHAR", "tombstones": "VARCHAR", "source_files": "VARCHAR", "actor": "VARCHAR",
                "created_at": "VARCHAR", "reason": "VARCHAR"
            }')
        end as row
    from raw_rows
),

typed as (
    select
        source_file,
        raw_row,
        row_defect,
        nullif(row.erasure_id, '') as erasure_id,
        {{ text_list('row.tombstones') }} as tombstones,
        {{ text_list('row.source_files') }} as source_files,
        nullif(row.actor, '') as actor,
        {{ instant('row.created_at') }} as created_at,
        row.created_at as created_at_text,
        nullif(row.reason, '') as erasure_reason
    from parsed
),

judged as (
    select
        *,
        case
            {{ bad_texts(['erasure_id', 'actor'], ['erasure_reason']) }}
            {{ long_ids(['erasure_id', 'actor']) }}
            {{ bad_instants(['created_at']) }}
            when tombstones is null then {{ defect('missing_field', 'tombstones') }}
        end as defect
    from typed
),

final as (
    select
        {{ landing_verdict() }},
        erasure_id,
        tombstones,
        coalesce(source_files, []) as source_files,
        actor,
        created_at as erased_at,
        erasure_reason
    from judged
)

select * from final
