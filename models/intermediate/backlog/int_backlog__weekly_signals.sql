-- What each signature had in each whole week: all its signals, whether or not they made a cluster. A case is a person
-- who met it: one who meets it fifty times is one case.

{{ config(schema='scratch') }}

with

final as (
    select
        cluster_signature,
        period_starts_on,
        total_signals as events,
        unique_users as cases,
        min(period_starts_on) over (partition by cluster_signature) as first_seen_in
    from {{ ref('int_issue_clusters__buckets') }}
    where period_granularity = 'week' and period_starts_on + 7 <= {{ as_of() }}
)

select * from final
