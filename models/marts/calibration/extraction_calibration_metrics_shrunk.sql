-- Each stream's share of right claims, drawn toward what is usual in its family: a stream of three claims is mostly
-- prior, one of three thousand mostly itself. A view over tonight's prior, so that the periods themselves never move.

{{ config(materialized='view') }}

with

family_prior as (
    select * from {{ ref('population_priors') }}
    where family = 'claim_correctness'
),

final as (
    select
        metrics.period_granularity,
        metrics.period_key,
        metrics.period_starts_on,
        metrics.claim_class,
        metrics.parser_version,
        metrics.correct_count,
        metrics.sample_count,
        metrics.accuracy,
        family_prior.alpha as prior_alpha,
        family_prior.beta as prior_beta,
        (metrics.correct_count + family_prior.alpha)
        / (metrics.sample_count + family_prior.alpha + family_prior.beta) as accuracy_shrunk
    from {{ ref('extraction_calibration_metrics') }} as metrics
    cross join family_prior
)

select * from final
