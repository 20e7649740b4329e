-- The promotion rates of the three performance tables, each drawn toward what is usual among its like: one of three
-- reviews is mostly prior. A rank only where the reviews suffice: nothing thin is ever the best or the worst.

{{ config(materialized='view') }}

with

shrunk as (
    select
        performance.grain,
        performance.window_days,
        performance.source_key,
        performance.strategy,
        performance.promoted_count,
        performance.reviewed_count,
        performance.promotion_rate,
        performance.promotion_rate_lower,
        performance.promotion_rate_upper,
        performance.evidence,
        priors.alpha as prior_alpha,
        priors.beta as prior_beta,
        {{ rounded(
            '(performance.promoted_count + priors.alpha) / (performance.reviewed_count + priors.alpha + priors.beta)'
        ) }} as promotion_rate_shrunk
    from {{ ref('int_editorial__performance') }} as performance
    inner join {{ ref('population_priors') }} as priors on priors.family = 'promotion_by_' || performance.grain
),

final as (
    select
        *,
        case
            when evidence = 'sufficient' then rank() over (
                partition by grain, window_days, evidence order by promotion_rate_shrunk desc
            )
        end as promotion_rank
    from shrunk
)

select * from final
