-- What each signature had in each touched week and in each of the weeks before it that its trend looks at, on the days
-- of the week that are over: a week that is young is held against the same days of the weeks before. Per day, so that a
-- person whose signals the week's cap leaves out counts alike in young and in whole weeks.

{{ config(schema='scratch') }}

with

policy as ({{ policy_periods(ref('cluster_trends')) }}
),

weeks as (
    select
        touched.period_starts_on,
        policy.weeks_before,
        policy.least_events_before,
        policy.spread_weight,
        least(7, date_diff('day', touched.period_starts_on, {{ as_of() }}::date)) as day_count
    from {{ ref('int_issue_clusters__touched_periods') }} as touched
    inner join policy on {{ in_force('policy', 'touched.period_starts_on') }}
    where touched.period_granularity = 'week'
),

pairs as (
    select
        *,
        (period_starts_on - to_weeks(unnest(range(0, weeks_before + 1))::integer))::date as counted_in
    from weeks
),

days as (
    select
        date_trunc('week', period_starts_on)::date as counted_in,
        isodow(period_starts_on) as day_number,
        cluster_signature,
        event_count
    from {{ ref('int_issue_clusters__buckets') }}
    where period_granularity = 'day'
),

final as (
    select
        pairs.period_starts_on,
        pairs.counted_in,
        days.cluster_signature,
        sum(days.event_count) as events,
        any_value(pairs.day_count) as day_count,
        any_value(pairs.least_events_before) as least_events_before,
        any_value(pairs.spread_weight) as spread_weight
    from pairs
    inner join days on pairs.counted_in = days.counted_in and pairs.day_count >= days.day_number
    group by pairs.period_starts_on, pairs.counted_in, days.cluster_signature
)

select * from final
