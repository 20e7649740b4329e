-- The evidence of each watch after each of its weeks, as logarithms of odds: that the rate is lower than before, and
-- that it is higher. Odds of 20 to 1 come up by chance in at most one of twenty watches, however often one looks.

{{ config(schema='scratch') }}

with

likelihoods as (
    {{ rate_likelihoods(ref('int_backlog__rate_baselines'), ref('int_backlog__watched_weeks')) }}
),

final as (
    select
        candidate_key,
        settled_at,
        week_number,
        ln(avg(exp(log_odds)) filter (where ratio < 1)) as log_evidence_lowered,
        ln(avg(exp(log_odds)) filter (where ratio > 1)) as log_evidence_worse,
        arg_max(ratio * gamma_shape / gamma_rate, log_likelihood) filter (where ratio < 1) as lowered_rate,
        any_value(overdispersion) as overdispersion
    from likelihoods
    where week_number > 0
    group by candidate_key, settled_at, week_number
)

select * from final
