-- The claims of the touched periods, once per day and once per week, each with its outcome: wrong when its target was
-- retracted, or its field corrected by a correction that stands, at or after the claim. Lives for one night.

{{ config(schema='scratch') }}

with

touched as (
    select * from {{ ref('int_calibration__touched_periods') }}
),

touched_weeks as (
    select distinct date_trunc('week', period_starts_on)::date as week from touched
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
    semi join claims on corrections.target_event_id = claims.target_event_id
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

-- Right or wrong is a claim's, whatever the period: it is found once.
outcomes as (
    select
        claims.event_at,
        claims.claim_class,
        claims.parser_version,
        claims.confidence,
        case
            when own_retraction.retracted_event_id is not null then 'retracted'
            when claims.target_event_id is null then 'no_target'
        end as excluded_because,
        not coalesce(
            target_retraction.last_retracted_at >= claims.event_at
            or corrections.last_corrected_at >= claims.event_at,
            false
        ) as is_correct
    from claims
    left join retractions as own_retraction on claims.event_id = own_retraction.retracted_event_id
    left join retractions as target_retraction on claims.target_event_id = target_retraction.retracted_event_id
    left join corrections
        on
            claims.target_event_id = corrections.target_event_id
            and claims.claim_field = corrections.changed_field
),

in_periods as (
    select
        *,
        unnest({{ period_starts('event_at') }}, recursive := true)
    from outcomes
),

final as (
    select
        in_periods.period_granularity,
        in_periods.period_starts_on,
        in_periods.claim_class,
        in_periods.parser_version,
        in_periods.confidence,
        in_periods.excluded_because,
        in_periods.is_correct,
        least(floor({{ rounded('in_periods.confidence') }} * 10), 9)::integer as bin_index,
        case
            when {{ rounded('in_periods.confidence') }} >= policy.high_conf_threshold then 'high'
            when {{ rounded('in_periods.confidence') }} >= policy.medium_conf_threshold then 'medium'
            else 'low'
        end as confidence_band,
        in_periods.event_at <= {{ as_of() }} - to_days(policy.correction_horizon_days) as is_matured
    from in_periods
    semi join touched using (period_granularity, period_starts_on)
    inner join policy on {{ in_force('policy', 'in_periods.period_starts_on') }}
)

select * from final
