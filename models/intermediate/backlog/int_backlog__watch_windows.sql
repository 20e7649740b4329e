-- Each watch of a signature with the weeks that it looks at: those before the decision that say what is usual, and
-- those since until something else was decided; and since when its signature is promoted, whose traffic then measures
-- nothing.

{{ config(schema='scratch') }}

with

policy as ({{ policy_in_force(ref('fix_effects_policy')) }}
),

final as (
    select
        watches.candidate_key,
        watches.settled_at,
        watches.settled_in,
        watches.cluster_signature,
        (watches.settled_in - to_weeks((policy.baseline_weeks - 1)::integer))::date as baseline_from,
        date_trunc('week', coalesce(watches.left_at, 'infinity'))::date as watched_until,
        min(watches.settled_in) filter (where watches.status = 'promoted') over (
            partition by watches.cluster_signature
        ) as promoted_in
    from {{ ref('int_backlog__watches') }} as watches
    cross join policy
    where watches.cluster_signature is not null
)

select * from final
