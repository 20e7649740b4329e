-- The whole weeks whose claims have all matured, of each stream in each channel that watches it: whether it got worse
-- than it was (drift), whether it is right as often as it says (overconfident). With the bar of that week: rarer alarms
-- per stream where more streams share the budget.

{{ config(schema='scratch') }}

with

policy as ({{ policy_periods(ref('drift_alarms')) }}
),

horizons as ({{ policy_periods(ref('calibration')) }}
),

stream_weeks as (
    select
        bins.claim_class,
        bins.parser_version,
        bins.period_starts_on,
        policy.* exclude (valid_from, valid_to),
        sum(bins.claim_count)::bigint as claim_count,
        sum(bins.right_count)::bigint as right_count
    from {{ ref('int_calibration__horizon_bins') }} as bins
    inner join horizons on {{ in_force('horizons', 'bins.period_starts_on') }}
    inner join policy on {{ in_force('policy', 'bins.period_starts_on') }}
    where (bins.period_starts_on + 7)::timestamptz + to_days(horizons.correction_horizon_days) <= {{ as_of() }}
    group by all
),

weeks as (
    select distinct
        period_starts_on,
        half_year_weeks
    from stream_weeks
),

live_streams as (
    select
        weeks.period_starts_on,
        count(distinct row(earlier.claim_class, earlier.parser_version)) as live_stream_count
    from weeks
    inner join stream_weeks as earlier
        on
            weeks.period_starts_on > earlier.period_starts_on
            and weeks.period_starts_on - 7 * weeks.half_year_weeks <= earlier.period_starts_on
    group by weeks.period_starts_on
),

watched_from as (
    select
        stream_weeks.claim_class,
        stream_weeks.parser_version,
        stream_weeks.period_starts_on,
        answers.channel,
        max(answers.answered_in) filter (where answers.answered_in < stream_weeks.period_starts_on) + 7 as watched_from
    from stream_weeks
    inner join {{ ref('int_calibration__answers') }} as answers using (claim_class, parser_version)
    group by all
),

final as (
    select
        watched_from.channel,
        coalesce(watched_from.watched_from, date '0001-01-01') as watched_from,
        stream_weeks.*,
        coalesce(live_streams.live_stream_count, 0) as live_stream_count,
        {{ rounded("ln(half_year_weeks * greatest(
            1 / false_alarms_per_stream_max,
            coalesce(live_streams.live_stream_count, 0) / alarm_budget_per_half_year
        ))", 6) }} as log_bar
    from stream_weeks
    inner join watched_from using (claim_class, parser_version, period_starts_on)
    left join live_streams using (period_starts_on)
)

select * from final
