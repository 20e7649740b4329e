-- The quality signals that exist at as_of and were not taken back by then. A band that is missing or unknown counts as
-- low.

with

events as (
    select * from {{ ref('stg_events') }}
    where event_type = 'learning.signal.logged' and not is_displaced and event_at <= {{ as_of() }}
),

retractions as (
    select * from {{ ref('stg_events__retractions') }}
),

final as (
    select
        event_id,
        event_at,
        coalesce(captured_at, event_at) as captured_at,
        user_id,
        signal_type,
        coalesce(category, 'unknown') as category,
        issue_type,
        invariant_id,
        agent_version,
        workflow_phase,
        modality,
        case when confidence_band in ('high', 'medium') then confidence_band else 'low' end as confidence_band,
        cluster_signature,
        coalesce(mismatch_severity, 'missing') as mismatch_severity,
        attributes
    from events
    anti join retractions on events.event_id = retractions.retracted_event_id
)

select * from final
