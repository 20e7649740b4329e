-- What became of the rate of each watch, and in which of its weeks that was known.

{{ config(schema='scratch') }}

with

policy as ({{ policy_in_force(ref('fix_effects_policy')) }}
),

evidence as (
    select
        evidence.*,
        ln(policy.evidence_bar) as bar,
        evidence.week_number <= policy.watched_weeks as is_in_time
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

final as (
    select
        decided.candidate_key,
        decided.settled_at,
        decided.effect,
        case decided.effect when 'lowered' then decided.lowered_week when 'worse' then decided.worse_week end
            as decided_week,
        decided.worse_week is not null as is_risen,
        decided.evidence_lowered,
        decided.evidence_worse,
        policy.evidence_bar
    from decided
    cross join policy
)

select * from final
