-- What the traffic of a week holds too much of, for a watch: the watched signature itself, and those promoted by one
-- week or another.

{{ config(schema='scratch') }}

with

policy as ({{ policy_in_force(ref('fix_effects_policy')) }}
),

watches as (
    select
        watches.*,
        (watches.settled_in - to_weeks((policy.baseline_weeks - 1)::integer))::date as baseline_from
    from {{ ref('int_backlog__watches') }} as watches
    cross join policy
),

promoted as (
    select
        cluster_signature,
        min(settled_in) as promoted_in
    from watches
    where status = 'promoted'
    group by cluster_signature
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
