-- Every pause and resumption of a source. Deciders sign: the actor stays as written.

{{ config(materialized='landing_feed', feed='source_overrides', identity=['override_id'], instant='created_at') }}

with

raw_rows as ({{ feed_rows('source_overrides') }}
),

parsed as (
    select
        *,
        case
            when row_defect is null then from_json(raw_row, '{
                "override_id": "VARCHAR", "source_key": "VARCHAR", "action": "VARCHAR", "actor": "VARCHAR",
                "created_at": "VARCHAR", "reason": "VARCHAR", "until": "VARCHAR"
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
        nullif(row.source_key, '') as source_key,
        nullif(row.action, '') as action,
        nullif(row.actor, '') as actor,
        {{ instant('row.created_at') }} as created_at,
        row.created_at as created_at_text,
        nullif(row.reason, '') as override_reason,
        {{ instant('row.until') }} as paused_until,
        row.until as paused_until_text
    from parsed
),

judged as (
    select
        *,
        case
            {{ bad_texts(['override_id', 'source_key', 'action', 'actor'], ['override_reason']) }}
            {{ long_ids(['override_id', 'source_key', 'actor']) }}
            {{ bad_instants(['created_at'], ['paused_until']) }}
            {{ bad_choice('action', ['pause', 'resume']) }}
        end as defect
    from typed
),

final as (
    select
        {{ landing_verdict() }},
        override_id,
        source_key,
        action,
        actor,
        created_at,
        {{ redacted('override_reason') }} as override_reason,
        paused_until
    from judged
)

select * from final
