-- The corrections that exist at as_of, with the fields that each changed.

with

events as (
    select * from {{ ref('stg_events') }}
    where event_type = 'set.corrected' and not is_displaced and event_at <= {{ as_of() }}
),

final as (
    select
        event_id,
        event_at,
        target_event_id,
        changed_fields
    from events
)

select * from final
