-- What the drift alarms saw of each stream's matured weeks: the statistic beside the bar of its week. An alarm stands
-- from the week in which the statistic reached the bar until it is answered; then the stream is watched anew.

with

watched as (
    select * from {{ ref('int_calibration__watched_weeks') }}
),

statistics as (
    select * from {{ ref('int_calibration__statistics') }}
),

joined as (
    select
        watched.*,
        statistics.* exclude (channel, claim_class, parser_version, watched_from, period_starts_on),
        coalesce(statistics.log_statistic >= watched.log_bar, false) as is_over_the_bar
    from watched
    left join statistics using (channel, claim_class, parser_version, watched_from, period_starts_on)
),

standing as (
    select
        *,
        min(case when is_over_the_bar then period_starts_on end) over to_here as alarmed_on,
        -- As the first week over the bar saw it: later ones may see another.
        min(case when is_over_the_bar then [period_starts_on, rises_from] end) over to_here as first_alarm
    from joined
    window to_here as (partition by channel, claim_class, parser_version, watched_from order by period_starts_on)
),

final as (
    select
        claim_class,
        parser_version,
        channel,
        {{ period_key("'week'", 'period_starts_on') }} as period_key,
        period_starts_on,
        case
            when alarmed_on is not null then 'alarm'
            when log_statistic is null then 'insufficient_history'
            else 'within_chance'
        end as verdict,
        log_statistic,
        log_bar,
        {{ period_key("'week'", 'alarmed_on') }} as alarm_period_key,
        alarmed_on,
        {{ period_key("'week'", 'first_alarm[2]') }} as began_period_key,
        first_alarm[2] as began_on,
        claim_count,
        right_count,
        {{ rounded('expected_right_count') }} as expected_right_count,
        coalesce(baseline_claim_count, 0) as baseline_claim_count,
        shift as baseline_shift,
        shift_sd as baseline_shift_sd,
        design_effect,
        live_stream_count,
        nullif(watched_from, date '0001-01-01') as watched_from,
        {{ as_of() }} as computed_at
    from standing
)

select * from final
