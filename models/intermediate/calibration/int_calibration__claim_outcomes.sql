-- The claims of the touched weeks, each with its outcome: wrong when its target was retracted, or its field corrected
-- by a correction that stands, at or after the claim. Right or wrong is a claim's, whatever the period.

{{ config(materialized='view', schema='scratch') }}

with

touched_weeks as (
    select distinct date_trunc('week', period_starts_on)::date as week
    from {{ ref('int_calibration__touched_periods') }}
),

claims as not materialized (
    select claims.*
    from {{ ref('stg_events__claims') }} as claims
    semi join touched_weeks on date_trunc('week', claims.event_at)::date = touched_weeks.week
    where claims.event_at >= {{ touched_from(ref('int_calibration__touched_periods')) }}
),

retractions as (
    select
        retracted_event_id,
        list(event_at) as retracted_at
    from {{ ref('stg_events__retractions') }}
    group by retracted_event_id
),

standing_corrections as (
    select
        corrections.target_event_id,
        unnest(corrections.changed_fields) as changed_field,
        corrections.event_at
    from {{ ref('stg_events__corrections') }} as corrections
    semi join claims on corrections.target_event_id = claims.target_event_id
    anti join retractions on corrections.event_id = retractions.retracted_event_id
),

corrections as (
    select
        target_event_id,
        changed_field,
        list(event_at) as corrected_at
    from standing_corrections
    group by target_event_id, changed_field
),

final as (
    select
        claims.event_at,
        claims.claim_class,
        claims.parser_version,
        claims.confidence,
        hash(claims.session_key) as session_number,
        case
            when own_retraction.retracted_event_id is not null then 'retracted'
            when claims.target_event_id is null then 'no_target'
        end as excluded_because,
        claims.target_event_id is not null as has_target,
        list_min(own_retraction.retracted_at) as withdrawn_at,
        list_min([
            found_at for found_at in list_concat(target_retraction.retracted_at, corrections.corrected_at)
            if found_at >= claims.event_at
        ]) as found_wrong_at,
        found_wrong_at is null as is_correct
    from claims
    left join retractions as own_retraction on claims.event_id = own_retraction.retracted_event_id
    left join retractions as target_retraction on claims.target_event_id = target_retraction.retracted_event_id
    left join corrections
        on
            claims.target_event_id = corrections.target_event_id
            and claims.claim_field = corrections.changed_field
)

select * from final
