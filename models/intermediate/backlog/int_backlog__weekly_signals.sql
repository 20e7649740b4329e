-- What each signature had in each whole week: all its signals, whether or not they made a cluster. A case is a person
-- who met it: one who meets it fifty times is one case. As a measure of how much there was to see, the signals of one
-- signature count up to what most signatures of the week had: an outage of one is no traffic of the others.

{{ config(schema='scratch') }}

with

policy as ({{ policy_in_force(ref('fix_effects_policy')) }}
),

weekly as (
    select
        cluster_signature,
        period_starts_on,
        total_signals as events,
        unique_users as cases
    from {{ ref('int_issue_clusters__buckets') }}
    where period_granularity = 'week' and period_starts_on + 7 <= {{ as_of() }}
),

usual as (
    select
        weekly.period_starts_on,
        list(weekly.events order by weekly.events)[
            ceil(any_value(policy.traffic_quantile) * count(*))::integer
        ] as most_events
    from weekly
    cross join policy
    group by weekly.period_starts_on
),

final as (
    select
        weekly.cluster_signature,
        weekly.period_starts_on,
        weekly.events,
        weekly.cases,
        least(weekly.events, usual.most_events) as traffic,
        min(weekly.period_starts_on) over (partition by weekly.cluster_signature) as first_seen_in
    from weekly
    inner join usual on weekly.period_starts_on = usual.period_starts_on
)

select * from final
