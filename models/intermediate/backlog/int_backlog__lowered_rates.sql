-- Where the watch of a lowered rate begins anew: at the rate that the weeks until then say by themselves, with little
-- weight for what it was before, for a rate just found to be lowered was so found in its lowest weeks.

{{ config(schema='scratch') }}

with

-- The weeks of a class differ by its sessions: by as many claims whatever the rate, so by more of a lower one.
lowered as (
    select
        verdicts.candidate_key,
        verdicts.settled_at,
        verdicts.decided_week,
        evidence.lowered_rate,
        evidence.overdispersion * case
            when classes.candidate_key is not null
                then baselines.gamma_shape / baselines.gamma_rate / evidence.lowered_rate
            else 1
        end as overdispersion
    from {{ ref('int_backlog__rate_verdicts') }} as verdicts
    inner join {{ ref('int_backlog__rate_evidence') }} as evidence
        on
            verdicts.candidate_key = evidence.candidate_key
            and verdicts.settled_at = evidence.settled_at
            and verdicts.decided_week = evidence.week_number
    inner join {{ ref('int_backlog__rate_baselines') }} as baselines
        on verdicts.candidate_key = baselines.candidate_key and verdicts.settled_at = baselines.settled_at
    left join {{ ref('int_backlog__class_priors') }} as classes
        on verdicts.candidate_key = classes.candidate_key and verdicts.settled_at = classes.settled_at
    where verdicts.effect = 'lowered'
),

final as (
    select
        lowered.candidate_key,
        lowered.settled_at,
        lowered.decided_week as after_week,
        1 + sum(weeks.cases / (1 + lowered.overdispersion * weeks.exposure * lowered.lowered_rate)) as gamma_shape,
        1 / lowered.lowered_rate
        + sum(weeks.exposure / (1 + lowered.overdispersion * weeks.exposure * lowered.lowered_rate)) as gamma_rate,
        lowered.overdispersion,
        [1.0] as ratios
    from lowered
    inner join {{ ref('int_backlog__watched_weeks') }} as weeks
        on
            lowered.candidate_key = weeks.candidate_key
            and lowered.settled_at = weeks.settled_at
            and lowered.decided_week >= weeks.week_number
    where not weeks.is_before
    group by
        lowered.candidate_key, lowered.settled_at, lowered.decided_week, lowered.lowered_rate, lowered.overdispersion
)

select * from final
