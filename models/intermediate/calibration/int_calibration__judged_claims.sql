-- The claims of the touched periods, once per day and once per week, each with its outcome: wrong when its target was
-- retracted, or its field corrected by a correction that stands, at or after the claim. The alarms ask what was known a
-- correction horizon after the claim: the same time for old and new ones. Lives for one night.

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

policy as ({{ policy_periods(ref('calibration')) }}
),

-- Right or wrong is a claim's, whatever the period: it is found once.
outcomes as (
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
        ]) as found_wrong_at
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
        in_periods.session_number,
        in_periods.excluded_because,
        in_periods.found_wrong_at is null as is_correct,
        -- A claim that is withdrawn later still counts for the alarms: their weeks enter once.
        in_periods.has_target and coalesce(
            in_periods.withdrawn_at > in_periods.event_at + to_days(policy.correction_horizon_days), true
        ) as is_sample_in_time,
        coalesce(
            in_periods.found_wrong_at > in_periods.event_at + to_days(policy.correction_horizon_days), true
        ) as is_right_in_time,
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
