-- The weeks of all signatures up to each week in which something was settled, but for those promoted before it.

{{ config(schema='scratch') }}

with

settled as (
    select distinct
        settled_in,
        baseline_from
    from {{ ref('int_backlog__watch_windows') }}
),

promoted as (
    select distinct
        cluster_signature,
        promoted_in
    from {{ ref('int_backlog__watch_windows') }}
    where promoted_in is not null
),

-- Weeks count from the one after the first: a first week has a case by its very choice.
final as (
    select
        settled.settled_in,
        signals.cluster_signature,
        signals.period_starts_on,
        signals.traffic,
        signals.cases,
        coalesce(promoted.promoted_in, 'infinity') > settled.settled_in as is_reference,
        least(settled.settled_in, greatest(settled.baseline_from, signals.first_seen_in + 7)) as counted_from
    from settled
    inner join {{ ref('int_backlog__weekly_signals') }} as signals
        on signals.period_starts_on between settled.baseline_from and settled.settled_in
    left join promoted on signals.cluster_signature = promoted.cluster_signature
    where coalesce(promoted.promoted_in, 'infinity') >= settled.settled_in
)

select * from final
