-- Where the watch of a lowered rate begins anew: at the rate that the weeks until then say by themselves, with little
-- weight for what it was before, for a rate just found to be lowered was so found in its lowest weeks.

{{ config(schema='scratch') }}

with

final as (
    select
        verdicts.candidate_key,
        verdicts.settled_at,
        verdicts.decided_week as after_week,
        1 + sum(weeks.cases / (1 + evidence.overdispersion * weeks.exposure * evidence.lowered_rate)) as gamma_shape,
        1 / evidence.lowered_rate
        + sum(weeks.exposure / (1 + evidence.overdispersion * weeks.exposure * evidence.lowered_rate)) as gamma_rate,
        evidence.overdispersion,
        [1.0] as ratios
    from {{ ref('int_backlog__rate_verdicts') }} as verdicts
    inner join {{ ref('int_backlog__rate_evidence') }} as evidence
        on
            verdicts.candidate_key = evidence.candidate_key
            and verdicts.settled_at = evidence.settled_at
            and verdicts.decided_week = evidence.week_number
    inner join {{ ref('int_backlog__watched_weeks') }} as weeks
        on
            verdicts.candidate_key = weeks.candidate_key
            and verdicts.settled_at = weeks.settled_at
            and verdicts.decided_week >= weeks.week_number
    where verdicts.effect = 'lowered' and not weeks.is_before
    group by
        verdicts.candidate_key, verdicts.settled_at, verdicts.decided_week, evidence.lowered_rate,
        evidence.overdispersion
)

select * from final
