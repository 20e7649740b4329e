-- How much there was to see: per watch and week, the traffic of all signatures not promoted by then, as a share of
-- the same signatures' mean week up to the decision. Half the traffic halves what is expected; the promoted are left
-- out on both sides, or a fix of one would look like a rise of all others.

{{ config(schema='scratch') }}

with

weeks as (
    select
        period_starts_on,
        sum(traffic) as traffic
    from {{ ref('int_backlog__weekly_signals') }}
    group by period_starts_on
),

left_out_of_weeks as (
    select
        candidate_key,
        settled_at,
        period_starts_on,
        sum(traffic) filter (where left_out_from <= greatest(period_starts_on, settled_in)) as traffic
    from {{ ref('int_backlog__left_out_traffic') }}
    group by candidate_key, settled_at, period_starts_on
),

left_out_before as (
    select
        candidate_key,
        settled_at,
        left_out_from,
        sum(traffic) as traffic
    from {{ ref('int_backlog__left_out_traffic') }}
    where period_starts_on <= settled_in
    group by candidate_key, settled_at, left_out_from
),

measured as (
    select
        watches.candidate_key,
        watches.settled_at,
        watches.settled_in,
        watches.cluster_signature,
        weeks.period_starts_on,
        weeks.traffic - coalesce(left_out_of_weeks.traffic, 0) as traffic,
        sum(weeks.traffic) filter (where weeks.period_starts_on <= watches.settled_in)
            over watch_weeks as traffic_before,
        count(*) filter (where weeks.period_starts_on <= watches.settled_in) over watch_weeks as weeks_before
    from {{ ref('int_backlog__watch_windows') }} as watches
    inner join weeks
        on watches.baseline_from <= weeks.period_starts_on and watches.watched_until > weeks.period_starts_on
    left join left_out_of_weeks
        on
            watches.candidate_key = left_out_of_weeks.candidate_key
            and watches.settled_at = left_out_of_weeks.settled_at
            and weeks.period_starts_on = left_out_of_weeks.period_starts_on
    window watch_weeks as (partition by watches.candidate_key, watches.settled_at)
),

final as (
    select
        measured.candidate_key,
        measured.settled_at,
        measured.settled_in,
        measured.cluster_signature,
        measured.period_starts_on,
        measured.traffic * measured.weeks_before
        / nullif(measured.traffic_before - coalesce(sum(left_out_before.traffic), 0), 0) as exposure
    from measured
    left join left_out_before
        on
            measured.candidate_key = left_out_before.candidate_key
            and measured.settled_at = left_out_before.settled_at
            and greatest(measured.period_starts_on, measured.settled_in) >= left_out_before.left_out_from
    where measured.traffic > 0
    group by
        measured.candidate_key, measured.settled_at, measured.settled_in, measured.cluster_signature,
        measured.period_starts_on, measured.traffic, measured.traffic_before, measured.weeks_before
)

select * from final
