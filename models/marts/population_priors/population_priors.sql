-- What is known of a rate before its own data speak: a Beta prior per family of rates, by the method of moments for
-- the beta-binomial (Kleinman 1973), the members weighted by their trials. A family under min_members has too little
-- spread to estimate: it gets a light prior at the pooled rate.

with

policy as ({{ policy_in_force(ref('population_priors_policy')) }}
),

members as (
    select
        *,
        sum(successes) over family_of / sum(trials) over family_of as pooled_rate
    from {{ ref('int_population_priors__members') }}
    window family_of as (partition by family)
),

moments as (
    select
        family,
        count(*) as members,
        sum(trials)::bigint as observations,
        sum(successes)::bigint as successes,
        any_value(pooled_rate) as pooled_rate,
        sum(trials * power(successes / trials - pooled_rate, 2) order by member) as weighted_spread,
        sum(trials) - sum(power(trials, 2) order by member) / sum(trials) as spread_trials
    from members
    group by family
),

-- The intra-class correlation: how much of the spread is more than chance. weight = 1 / correlation - 1.
correlated as (
    select
        moments.*,
        policy.*,
        (weighted_spread / nullif(pooled_rate * (1 - pooled_rate), 0) - (members - 1))
        / nullif(spread_trials - (members - 1), 0) as correlation
    from moments
    cross join policy
),

weighted as (
    select
        *,
        case
            when members < min_members or correlation is null then small_family_weight::double
            when correlation <= 0 then max_weight::double
            else greatest(small_family_weight, least(max_weight, 1 / correlation - 1))::double
        end as weight
    from correlated
),

final as (
    select
        family,
        weight * pooled_rate as alpha,
        weight * (1 - pooled_rate) as beta,
        members,
        observations,
        successes,
        pooled_rate,
        {{ wilson_lower('successes', 'observations') }} as pooled_rate_lower,
        {{ wilson_upper('successes', 'observations') }} as pooled_rate_upper,
        weight,
        case
            when members < min_members or correlation is null then 'pooled'
            else 'moments'
        end as method,
        min_members,
        {{ as_of() }} as computed_at
    from weighted
)

select * from final
