-- The extraction claims that exist at as_of. The field a claim is about is the part of its class after the last dot.
-- Claims of one session fail together: one person's day where the claim says whose it is, else what it is about.

with

events as (
    select * from {{ ref('stg_events') }}
    where event_type = 'evidence.claim.logged' and not is_displaced and event_at <= {{ as_of() }}
),

final as (
    select
        event_id,
        event_at,
        claim_class,
        string_split(claim_class, '.')[-1] as claim_field,
        coalesce(parser_version, 'unknown') as parser_version,
        confidence,
        lineage_event_id as target_event_id,
        coalesce(user_id || ' ' || event_at::date, lineage_event_id, event_id) as session_key
    from events
)

select * from final
