-- What the rate of a watched signature was up to the decision: the prior of all signatures, and its own weeks. That
-- a signature was promoted at its peak is no rise and no fall: its quiet weeks count as well.

{{ config(schema='scratch') }}

with

policy as ({{ policy_in_force(ref('fix_effects_policy')) }}
),

plain as (
    select
        weeks.candidate_key,
        weeks.settled_at,
        weeks.settled_in,
        (any_value(priors.gamma_shape) + sum(weeks.cases))
        / (any_value(priors.gamma_rate) + sum(weeks.exposure)) as rate,
        sum(weeks.events) / nullif(sum(weeks.cases), 0) as events_per_case
    from {{ ref('int_backlog__watched_weeks') }} as weeks
    inner join {{ ref('int_backlog__rate_priors') }} as priors on weeks.settled_in = priors.settled_in
    where weeks.is_before
    group by weeks.candidate_key, weeks.settled_at, weeks.settled_in
),

-- The more a signature's weeks differ by more than chance, the less each of them says.
weighed as (
    select
        plain.*,
        priors.overdispersion,
        any_value(priors.gamma_shape)
        + sum(weeks.cases / (1 + priors.overdispersion * weeks.exposure * plain.rate)) as gamma_shape,
        any_value(priors.gamma_rate)
        + sum(weeks.exposure / (1 + priors.overdispersion * weeks.exposure * plain.rate)) as gamma_rate
    from plain
    inner join {{ ref('int_backlog__rate_priors') }} as priors on plain.settled_in = priors.settled_in
    inner join {{ ref('int_backlog__watched_weeks') }} as weeks
        on plain.candidate_key = weeks.candidate_key and plain.settled_at = weeks.settled_at and weeks.is_before
    group by
        plain.candidate_key, plain.settled_at, plain.settled_in, plain.rate, plain.events_per_case,
        priors.overdispersion
),

final as (
    select
        weighed.candidate_key,
        weighed.settled_at,
        0::bigint as after_week,
        weighed.gamma_shape,
        weighed.gamma_rate,
        weighed.overdispersion,
        [1.0] || policy.lowered_ratios || policy.worse_ratios as ratios,
        weighed.events_per_case
    from weighed
    cross join policy
)

select * from final
