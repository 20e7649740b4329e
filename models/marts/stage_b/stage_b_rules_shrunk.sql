-- Each rule's hit rate over its windows, shrunk to tonight's prior over all rules: what to believe of a rule with few
-- tickets. A view, so that a prior that moves does not rewrite history.

{{ config(materialized='view') }}

with

final as (
    select
        credit.run_id,
        credit.mission,
        credit.rule_key,
        credit.hit_count,
        credit.miss_count,
        credit.hit_rate,
        posteriors.posterior_alpha,
        posteriors.posterior_beta,
        posteriors.posterior_mean as hit_rate_shrunk,
        posteriors.posterior_lower as hit_rate_shrunk_lower,
        posteriors.posterior_upper as hit_rate_shrunk_upper,
        credit.is_retired
    from {{ ref('stage_b_rule_credit') }} as credit
    inner join {{ ref('int_stage_b__rule_posteriors') }} as posteriors using (run_id, mission, rule_key)
)

select * from final
