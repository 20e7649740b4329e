-- What the rate of a watch was up to the decision: what is known of any rate, and its own weeks. That a signature was
-- promoted at its peak is no rise and no fall: its quiet weeks count as well.

{{ config(schema='scratch') }}

with

policy as ({{ policy_in_force(ref('fix_effects_policy')) }}
),

-- Of a signature the prior of all signatures; of a class, that it is as wrong as it says of itself.
priors as (
    select
        watches.candidate_key,
        watches.settled_at,
        coalesce(signatures.gamma_shape, classes.gamma_shape) as gamma_shape,
        coalesce(signatures.gamma_rate, classes.gamma_rate) as gamma_rate,
        coalesce(signatures.overdispersion, classes.overdispersion) as overdispersion
    from {{ ref('int_backlog__watches') }} as watches
    left join {{ ref('int_backlog__rate_priors') }} as signatures
        on case when watches.cluster_signature is not null then watches.settled_in end = signatures.settled_in
    left join {{ ref('int_backlog__class_priors') }} as classes
        on watches.candidate_key = classes.candidate_key and watches.settled_at = classes.settled_at
),

plain as (
    select
        weeks.candidate_key,
        weeks.settled_at,
        (any_value(priors.gamma_shape) + sum(weeks.cases))
        / (any_value(priors.gamma_rate) + sum(weeks.exposure)) as rate,
        sum(weeks.events) / nullif(sum(weeks.cases), 0) as events_per_case
    from {{ ref('int_backlog__watched_weeks') }} as weeks
    inner join priors on weeks.candidate_key = priors.candidate_key and weeks.settled_at = priors.settled_at
    where weeks.is_before and priors.gamma_shape is not null
    group by weeks.candidate_key, weeks.settled_at
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
    inner join priors on plain.candidate_key = priors.candidate_key and plain.settled_at = priors.settled_at
    inner join {{ ref('int_backlog__watched_weeks') }} as weeks
        on plain.candidate_key = weeks.candidate_key and plain.settled_at = weeks.settled_at and weeks.is_before
    group by plain.candidate_key, plain.settled_at, plain.rate, plain.events_per_case, priors.overdispersion
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
