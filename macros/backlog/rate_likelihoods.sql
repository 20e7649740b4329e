{#
  How likely each watch's weeks are under each ratio of its rate to what it was before, week by week: a gamma prior of
  the rate, negative binomial counts, and the rate learnt anew after each week, separately per ratio.
  `weeks` are the numbered ones; each baseline (gamma_shape, gamma_rate, overdispersion, ratios) starts at after_week.
#}
{% macro rate_likelihoods(baselines, weeks) -%}
    with recursive

    likelihoods as (
        select
            candidate_key, settled_at, after_week as week_number, gamma_shape, gamma_rate, overdispersion,
            unnest(ratios) as ratio, 0::double as log_likelihood
        from {{ baselines }}
        union all
        select
            candidate_key, settled_at, week_number, gamma_shape + cases / (1 + overdispersion * mean),
            gamma_rate + ratio * exposure / (1 + overdispersion * mean), overdispersion, ratio,
            log_likelihood + lgamma(cases + size) - lgamma(size) - lgamma(cases + 1)
            + size * ln(size / (size + mean)) + cases * ln(mean / (size + mean))
        from (
            select
                likelihoods.* replace (likelihoods.week_number + 1 as week_number),
                weeks.cases::double as cases,
                weeks.exposure,
                ratio * weeks.exposure * gamma_shape / gamma_rate as mean,
                1 / (overdispersion + 1 / gamma_shape) as size
            from likelihoods
            inner join {{ weeks }} as weeks
                on
                    likelihoods.candidate_key = weeks.candidate_key
                    and likelihoods.settled_at = weeks.settled_at
                    and likelihoods.week_number + 1 = weeks.week_number
        )
    )

    -- Odds against a ratio of 1.
    select
        *,
        any_value(log_likelihood) filter (where ratio = 1) over (
            partition by candidate_key, settled_at, week_number
        ) as log_likelihood_of_one,
        {{ clipped_odds('log_likelihood - log_likelihood_of_one') }} as log_odds
    from likelihoods
{%- endmacro %}
