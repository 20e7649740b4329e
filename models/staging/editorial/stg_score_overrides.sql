-- Every word of an editor over a candidate's visibility. Deciders sign: the actor stays as written.

{{ config(materialized='landing_feed', feed='score_overrides', identity=['override_id'], instant='created_at') }}

with

raw_rows as ({{ feed_rows('score_overrides') }}
),

parsed as (
    select
        *,
        case
            when row_defect is null then from_json(raw_row, '{
                "override_id": "VARCHAR", "candidate_id": "VARCHAR", "visibility": "VARCHAR",
                "actor": "VARCHAR", "created_at": "VARCHAR", "reason": "VARCHAR"
            }')
        end as row
    from raw_rows
),

typed as (
    select
        source_file,
        raw_row,
        row_defect,
        nullif(row.override_id, '') as override_id,
        nullif(row.candidate_id, '') as candidate_id,
        nullif(row.visibility, '') as visibility,
        nullif(row.actor, '') as actor,
        {{ instant('row.created_at') }} as created_at,
        row.created_at as created_at_text,
        nullif(row.reason, '') as override_reason
    from parsed
),

judged as (
    select
        *,
        case
            {{ bad_texts(['override_id', 'candidate_id', 'visibility', 'actor'], ['override_reason']) }}
            {{ long_ids(['override_id', 'candidate_id', 'actor']) }}
            {{ bad_instants(['created_at']) }}
            {{ bad_choice('visibility', ['shown', 'down_ranked', 'hidden', 'clear']) }}
        end as defect
    from typed
),

final as (
    select
        {{ landing_verdict() }},
        override_id,
        candidate_id,
        visibility,
        actor,
        created_at,
        {{ redacted('override_reason') }} as override_reason
    from judged
)

select * from final
