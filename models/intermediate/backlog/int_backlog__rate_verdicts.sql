-- What became of the rate of each watch, and in which of its weeks that was known; of a lowered one also whether it
-- came back: the watch begins anew there, at the lowered rate.

{{ config(schema='scratch') }}

with

policy as ({{ policy_in_force(ref('fix_effects_policy')) }}
),

evidence as (
    select
        evidence.*,
        ln(policy.evidence_bar) as bar,
        evidence.week_number <= policy.watched_weeks as is_in_time,
        policy.worse_ratios
    from {{ ref('int_backlog__rate_evidence') }} as evidence
    cross join policy
),

found as (
    select
        candidate_key,
        settled_at,
        min(week_number) filter (where is_in_time and log_evidence_lowered >= bar) as lowered_week,
        min(week_number) filter (where log_evidence_worse >= bar) as worse_week,
        exp(least(max_by(log_evidence_lowered, week_number), ln(1e6))) as evidence_lowered,
        exp(least(max_by(log_evidence_worse, week_number), ln(1e6))) as evidence_worse
    from evidence
    group by candidate_key, settled_at
),

decided as (
    select
        *,
        case
            when lowered_week < worse_week or worse_week is null and lowered_week is not null then 'lowered'
            when worse_week is not null then 'worse'
            else 'undecided'
        end as effect
    from found
),

-- What the weeks until then say by themselves, with little weight for what it was before: a rate that was just found
-- to be lowered was so found in its lowest weeks.
lowered as (
    select
        decided.candidate_key,
        decided.settled_at,
        decided.lowered_week as after_week,
        1 + sum(weeks.cases / (1 + evidence.overdispersion * weeks.exposure * evidence.lowered_rate)) as gamma_shape,
        1 / evidence.lowered_rate
        + sum(weeks.exposure / (1 + evidence.overdispersion * weeks.exposure * evidence.lowered_rate)) as gamma_rate,
        evidence.overdispersion,
        [1.0] || evidence.worse_ratios as ratios
    from decided
    inner join evidence
        on
            decided.candidate_key = evidence.candidate_key
            and decided.settled_at = evidence.settled_at
            and decided.lowered_week = evidence.week_number
    inner join {{ ref('int_backlog__watched_weeks') }} as weeks
        on
            decided.candidate_key = weeks.candidate_key
            and decided.settled_at = weeks.settled_at
            and decided.lowered_week >= weeks.week_number
    where decided.effect = 'lowered'
    group by
        decided.candidate_key, decided.settled_at, decided.lowered_week, evidence.lowered_rate,
        evidence.overdispersion, evidence.worse_ratios
),

returns as (
    select
        candidate_key,
        settled_at,
        week_number,
        ln(avg(exp(log_odds)) filter (where ratio > 1)) as log_evidence_returned
    from ({{ rate_likelihoods('lowered', ref('int_backlog__watched_weeks')) }})
    group by candidate_key, settled_at, week_number
),

returned as (
    select
        candidate_key,
        settled_at,
        min(week_number) as returned_week
    from returns
    cross join policy
    where log_evidence_returned >= ln(policy.evidence_bar)
    group by candidate_key, settled_at
),

final as (
    select
        decided.candidate_key,
        decided.settled_at,
        decided.effect,
        case decided.effect when 'lowered' then decided.lowered_week when 'worse' then decided.worse_week end
            as decided_week,
        returned.returned_week,
        decided.worse_week is not null as is_risen,
        decided.evidence_lowered,
        decided.evidence_worse,
        policy.evidence_bar
    from decided
    cross join policy
    left join returned
        on decided.candidate_key = returned.candidate_key and decided.settled_at = returned.settled_at
)

select * from final
