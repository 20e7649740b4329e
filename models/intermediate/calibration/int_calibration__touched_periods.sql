-- The days and weeks whose calibration may differ from last night's. A period is touched by a claim of its own that
-- came, was displaced or was passed by as_of; by a correction or retraction of a claim's target, of the claim, or of
-- a correction; by a claim that has outlived its correction horizon; and by a new policy row.

{{ config(schema='scratch') }}

with

events as (
    select * from {{ ref('stg_events') }}
    where event_at <= {{ as_of() }}
),

claims as (
    select * from events
    where event_type = 'evidence.claim.logged'
),

touched_retractions as (
    select retracted_event_id from events
    where event_type = 'event.retracted' and {{ is_touched('event_at') }}
),

-- A correction counts as touched when it came tonight, and when what came tonight takes it back.
touched_corrections as (
    select target_event_id from events
    where
        event_type = 'set.corrected'
        and ({{ is_touched('event_at') }} or event_id in (select retracted_event_id from touched_retractions))
),

horizons as (
    select distinct correction_horizon_days from {{ ref('calibration') }}
),

touched_instants as (
    select event_at from claims
    where {{ is_touched('event_at') }}
    union all
    select event_at from claims
    where
        lineage_event_id in (select retracted_event_id from touched_retractions)
        or event_id in (select retracted_event_id from touched_retractions)
        or lineage_event_id in (select target_event_id from touched_corrections)
    union all
    select claims.event_at
    from claims
    inner join horizons
        on
            claims.event_at > {{ previous_as_of() }} - to_days(horizons.correction_horizon_days)
            and claims.event_at <= {{ as_of() }} - to_days(horizons.correction_horizon_days)
),

final as (
    {{ periods_of('touched_instants', 'event_at') }}
    union
    {{ periods_judged_anew('claims', 'event_at', ['calibration']) }}
)

select * from final
