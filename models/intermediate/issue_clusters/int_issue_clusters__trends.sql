-- Whether a signature's week differs from the weeks before it by more than chance: the ratio of the two rates of
-- events, with its interval. Weeks in which nothing at all was signalled say nothing, and are no zeros. How much more
-- than chance the weeks of one signature differ is estimated from its own and from all signatures' weeks before.

{{ config(schema='scratch') }}

with

days as (
    select * from {{ ref('int_issue_clusters__compared_days') }}
),

spoke as (
    select
        period_starts_on,
        count(distinct counted_in) filter (where counted_in < period_starts_on) as weeks_before
    from days
    group by period_starts_on
),

counted as (
    select
        days.period_starts_on,
        days.cluster_signature,
        spoke.weeks_before,
        any_value(days.day_count) as day_count,
        any_value(days.least_events_before) as least_events_before,
        any_value(days.spread_weight) as spread_weight,
        coalesce(sum(days.events) filter (where days.counted_in = days.period_starts_on), 0) as events,
        coalesce(sum(days.events) filter (where days.counted_in < days.period_starts_on), 0) as events_before,
        coalesce(sum(pow(days.events, 2)) filter (where days.counted_in < days.period_starts_on), 0) as squares_before
    from days
    inner join spoke on days.period_starts_on = spoke.period_starts_on
    group by days.period_starts_on, days.cluster_signature, spoke.weeks_before
),

-- Pearson's statistic of the weeks before, and its degrees of freedom.
spread as (
    select
        *,
        case when events_before > 0 then weeks_before * squares_before / events_before - events_before else 0 end
            as residuals,
        case when events_before > 0 then weeks_before - 1 else 0 end as freedom
    from counted
),

measured as (
    select
        *,
        greatest(1, coalesce(
            sum({{ rounded('residuals', digits=38) }}::decimal(38, 9)) over week_signatures
            / nullif(sum(freedom) over week_signatures, 0),
            1
        )) as usual_overdispersion,
        greatest(1, (residuals + spread_weight * usual_overdispersion) / (freedom + spread_weight)) as overdispersion
    from spread
    window week_signatures as (partition by period_starts_on)
),

bounded as (
    select
        *,
        events_before / nullif(weeks_before, 0) as usual_events,
        {{ rounded('events / nullif(usual_events, 0)', 6, digits=38) }} as ratio,
        {{ rate_ratio_bound('events', 'events_before', 'weeks_before', 'overdispersion', '-') }} as exact_lower,
        {{ rate_ratio_bound('events', 'events_before', 'weeks_before', 'overdispersion', '+') }} as exact_upper,
        {{ rounded('exact_lower', 6, digits=38) }} as ratio_lower,
        {{ rounded('exact_upper', 6, digits=38) }} as ratio_upper
    from measured
),

final as (
    select
        period_starts_on,
        cluster_signature,
        case
            when weeks_before = 0 or events + events_before = 0 then 'cannot_tell'
            when events_before = 0 then 'new'
            when events_before < least_events_before then 'cannot_tell'
            when ratio_lower > 1 then 'rising'
            when ratio_upper < 1 then 'falling'
            else 'cannot_tell'
        end as trend,
        events,
        events_before,
        weeks_before,
        day_count,
        {{ rounded('overdispersion', 6, digits=38) }} as overdispersion,
        ratio,
        ratio_lower,
        ratio_upper
    from bounded
)

select * from final
