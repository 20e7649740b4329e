-- How much a week speaks for a drop of a given size rather than for none: the log-likelihood ratio of its claims, of
-- each size, tempered by the design effect of sessions. No drop means right at least as often as the null says: the
-- slack is there for a baseline that is itself uncertain.

{{ config(schema='scratch') }}

with

baselines as (
    select
        *,
        'drift' as channel
    from {{ ref('int_calibration__baselines') }}
),

judged as (
    select
        watched.* exclude (claim_count, right_count),
        coalesce(baselines.claim_count, 0) as baseline_claim_count,
        coalesce(baselines.shift, 0) as shift,
        coalesce(baselines.shift_sd, 0) as shift_sd,
        effects.design_effect,
        unnest([watched.small_drop, watched.medium_drop, watched.large_drop]) as drop_size
    from {{ ref('int_calibration__watched_weeks') }} as watched
    left join baselines
        on
            watched.channel = baselines.channel
            and watched.claim_class = baselines.claim_class
            and watched.parser_version = baselines.parser_version
            and watched.watched_from = baselines.watched_from
            and watched.period_starts_on = baselines.period_starts_on
    left join {{ ref('int_calibration__design_effects') }} as effects
        on
            watched.claim_class = effects.claim_class
            and watched.parser_version = effects.parser_version
            and watched.period_starts_on = effects.period_starts_on
    where watched.channel = 'overconfident' or baselines.claim_count >= watched.baseline_min_claims
),

in_bins as (
    select
        judged.*,
        bins.claim_count,
        bins.right_count,
        {{ logit('bins.confidence_sum::double / bins.claim_count') }} + judged.shift as expected_logit,
        expected_logit - greatest(judged.slack_min, judged.slack_per_sd * judged.shift_sd) as null_logit
    from judged
    inner join {{ ref('int_calibration__horizon_bins') }} as bins
        using (claim_class, parser_version, period_starts_on)
),

final as (
    select
        channel,
        claim_class,
        parser_version,
        watched_from,
        period_starts_on,
        drop_size,
        any_value(baseline_claim_count) as baseline_claim_count,
        any_value(shift) as shift,
        any_value(shift_sd) as shift_sd,
        any_value(design_effect) as design_effect,
        {{ exact_sum('claim_count / (1 + exp(-expected_logit))', digits=38) }} as expected_right_count,
        {{ exact_sum(
            '(right_count * (ln(1 + exp(-null_logit)) - ln(1 + exp(drop_size - null_logit)))'
            ~ ' + (claim_count - right_count) * (ln(1 + exp(null_logit)) - ln(1 + exp(null_logit - drop_size))))'
            ~ ' / design_effect',
            digits=38
        ) }} as log_evidence
    from in_bins
    group by channel, claim_class, parser_version, watched_from, period_starts_on, drop_size
)

select * from final
