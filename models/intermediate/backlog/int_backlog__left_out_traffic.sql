-- What the traffic of a week holds too much of, for a watch: the watched signature itself, and those promoted by one
-- week or another.

{{ config(schema='scratch') }}

with

watches as (
    select * from {{ ref('int_backlog__watch_windows') }}
),

promoted as (
    select distinct
        cluster_signature,
        promoted_in
    from watches
    where promoted_in is not null
),

final as (
    select
        watches.candidate_key,
        watches.settled_at,
        watches.settled_in,
        signals.period_starts_on,
        signals.cluster_signature,
        signals.traffic,
        case
            when signals.cluster_signature = watches.cluster_signature then date '0001-01-01'
            else promoted.promoted_in
        end as left_out_from
    from watches
    inner join {{ ref('int_backlog__weekly_signals') }} as signals on watches.baseline_from <= signals.period_starts_on
    left join promoted on signals.cluster_signature = promoted.cluster_signature
    where signals.cluster_signature = watches.cluster_signature or promoted.promoted_in is not null
)

select * from final
