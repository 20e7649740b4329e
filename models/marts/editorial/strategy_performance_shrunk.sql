-- Each strategy's promotion rate, drawn toward what is usual: one with three reviews is mostly prior. A rank only
-- where the reviews suffice: no thin strategy is ever the best or the worst.

{{ config(materialized='view') }}

with

family_prior as (
    select * from {{ ref('population_priors') }}
    where family = 'promotion_by_strategy'
),

shrunk as (
    select
        performance.window_days,
        performance.strategy,
        performance.promoted_count,
        performance.reviewed_count,
        performance.promotion_rate,
        performance.promotion_rate_lower,
        performance.promotion_rate_upper,
        performance.evidence,
        family_prior.alpha as prior_alpha,
        family_prior.beta as prior_beta,
        {{ rounded(
            '(performance.promoted_count + family_prior.alpha)'
            ' / (performance.reviewed_count + family_prior.alpha + family_prior.beta)'
        ) }} as promotion_rate_shrunk
    from {{ ref('strategy_performance') }} as performance
    cross join family_prior
),

final as (
    select
        *,
        case
            when evidence = 'sufficient' then rank() over (
                partition by window_days, evidence order by promotion_rate_shrunk desc
            )
        end as promotion_rank
    from shrunk
)

select * from final
