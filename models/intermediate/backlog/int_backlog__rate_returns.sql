-- Whether a lowered rate came back, week by week. It may rise in any week: that it did in the j-th has the weight
-- 1 / (j (j + 1)), which sum to one, so that the odds keep their meaning however long it is watched.

{{ config(schema='scratch') }}

with

policy as ({{ policy_in_force(ref('fix_effects_policy')) }}
),

weeks as (
    select * from {{ ref('int_backlog__watched_weeks') }}
    where not is_before
),

learnt as (
    select
        *,
        lag(gamma_shape) over watch as shape_before,
        lag(gamma_rate) over watch as rate_before
    from ({{ rate_likelihoods(ref('int_backlog__lowered_rates'), ref('int_backlog__watched_weeks')) }})
    window watch as (partition by candidate_key, settled_at order by week_number)
),

-- How much better a risen rate explains the week than the lowered one, by what was known before it.
compared as (
    select
        learnt.candidate_key,
        learnt.settled_at,
        learnt.week_number,
        unnest(policy.worse_ratios) as risen_ratio,
        weeks.exposure * learnt.shape_before / learnt.rate_before as mean,
        1 / (learnt.overdispersion + 1 / learnt.shape_before) as size,
        weeks.cases * ln(risen_ratio)
        - (size + weeks.cases) * ln((size + risen_ratio * mean) / (size + mean)) as log_odds_of_week
    from learnt
    cross join policy
    inner join weeks
        on
            learnt.candidate_key = weeks.candidate_key
            and learnt.settled_at = weeks.settled_at
            and learnt.week_number = weeks.week_number
    where learnt.shape_before is not null
),

summed as (
    select
        *,
        row_number() over watch as weeks_since,
        sum(log_odds_of_week) over watch as log_odds
    from compared
    window watch as (partition by candidate_key, settled_at, risen_ratio order by week_number)
),

risen as (
    select
        *,
        exp({{ clipped_odds('log_odds_of_week - log_odds') }}) / (weeks_since * (weeks_since + 1)) as odds_of_rise,
        log_odds + ln(sum(odds_of_rise) over (
            partition by candidate_key, settled_at, risen_ratio order by week_number
        )) as log_evidence_of_ratio,
        {{ clipped_odds('log_evidence_of_ratio') }} as log_evidence
    from summed
),

final as (
    select
        candidate_key,
        settled_at,
        week_number,
        ln(avg(exp(log_evidence))) as log_evidence_returned
    from risen
    group by candidate_key, settled_at, week_number
)

select * from final
