-- Each rule with the credit of its windows and tonight's prior over the rules.

{{ config(schema='scratch') }}

with

prior as (
    select * from {{ ref('population_priors') }}
    where family = 'stage_b_rule_hits'
),

final as (
    select
        credit.run_id,
        credit.mission,
        credit.rule_key,
        credit.hit_count,
        credit.miss_count,
        prior.alpha as prior_alpha,
        prior.beta as prior_beta
    from {{ ref('stage_b_rule_credit') }} as credit
    cross join prior
)

select * from final
