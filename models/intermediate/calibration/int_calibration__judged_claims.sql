-- The claims of the touched periods, once per day and once per week, each with its outcome: wrong when its target was
-- retracted, or its field corrected by a correction that stands, at or after the claim. Lives for one night.

{{ config(schema='scratch') }}

with

touched as (
    select * from {{ ref('int_calibration__touched_periods') }}
),

claims as (
    select
        *,
        unnest({{ period_starts('event_at') }}, recursive := true)
    from {{ ref('stg_events__claims') }}
    where event_at >= {{ touched_from(ref('int_calibration__touched_periods')) }}
),

touched_claims as (
    select claims.*
    from claims
    semi join touched
        on
            claims.period_granularity = touched.period_granularity
            and claims.period_starts_on = touched.period_starts_on
),

retractions as (
    select
        retracted_event_id,
        max(event_at) as last_retracted_at
    from {{ ref('stg_events__retractions') }}
    group by retracted_event_id
),

standing_corrections as (
    select
        corrections.target_event_id,
        unnest(corrections.changed_fields) as changed_field,
        corrections.event_at
    from {{ ref('stg_events__corrections') }} as corrections
    semi join touched_claims on corrections.target_event_id = touched_claims.target_event_id
    anti join retractions on corrections.event_id = retractions.retracted_event_id
),

corrections as (
    select
        target_event_id,
        changed_field,
        max(event_at) as last_corrected_at
    from standing_corrections
    group by target_event_id, changed_field
),

policy as ({{ policy_periods(ref('calibration')) }}
),

final as (
    select
        touched_claims.period_granularity,
        touched_claims.period_starts_on,
        touched_claims.claim_class,
        touched_claims.parser_version,
        touched_claims.confidence,
        case
            when own_retraction.retracted_event_id is not null then 'retracted'
            when touched_claims.target_event_id is null then 'no_target'
        end as excluded_because,
        not coalesce(
            target_retraction.last_retracted_at >= touched_claims.event_at
            or corrections.last_corrected_at >= touched_claims.event_at,
            false
        ) as is_correct,
        least(floor(round(touched_claims.confidence, 9) * 10), 9)::integer as bin_index,
        case
            when round(touched_claims.confidence, 9) >= policy.high_conf_threshold then 'high'
            when round(touched_claims.confidence, 9) >= policy.medium_conf_threshold then 'medium'
            else 'low'
        end as confidence_band,
        touched_claims.event_at <= {{ as_of() }} - to_days(policy.correction_horizon_days) as is_matured
    from touched_claims
    inner join policy on {{ in_force('policy', 'touched_claims.period_starts_on') }}
    left join retractions as own_retraction on touched_claims.event_id = own_retraction.retracted_event_id
    left join retractions as target_retraction
        on touched_claims.target_event_id = target_retraction.retracted_event_id
    left join corrections
        on
            touched_claims.target_event_id = corrections.target_event_id
            and touched_claims.claim_field = corrections.changed_field
)

select * from final
