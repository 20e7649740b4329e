-- The retractions that exist at as_of. A retraction cannot itself be taken back: only facts can.

with

events as (
    select * from {{ ref('stg_events') }}
    where event_type = 'event.retracted' and not is_displaced and event_at <= {{ as_of() }}
),

final as (
    select
        event_id,
        event_at,
        retracted_event_id
    from events
)

select * from final
