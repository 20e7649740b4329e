-- The claims of the touched periods, once per day and once per week, each with its outcome, its band and its bin. The
-- alarms ask what was known a correction horizon after the claim: the same time for old and new ones. Lives for one
-- night.

{{ config(schema='scratch') }}

with

policy as ({{ policy_periods(ref('calibration')) }}
),

in_periods as (
    select
        *,
        unnest({{ period_starts('event_at') }}, recursive := true)
    from {{ ref('int_calibration__claim_outcomes') }}
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
        in_periods.is_correct,
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
    semi join {{ ref('int_calibration__touched_periods') }} using (period_granularity, period_starts_on)
    inner join policy on {{ in_force('policy', 'in_periods.period_starts_on') }}
)

select * from final
