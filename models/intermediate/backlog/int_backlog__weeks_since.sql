-- What a watch saw since its decision, in all, and in which week the rate was found to have changed, and to be back.

{{ config(schema='scratch') }}

with

returned as (
    select
        returns.candidate_key,
        returns.settled_at,
        min(returns.week_number) as returned_week
    from {{ ref('int_backlog__rate_returns') }} as returns
    inner join {{ ref('int_backlog__rate_verdicts') }} as verdicts
        on returns.candidate_key = verdicts.candidate_key and returns.settled_at = verdicts.settled_at
    where returns.log_evidence_returned >= ln(verdicts.evidence_bar)
    group by returns.candidate_key, returns.settled_at
),

final as (
    select
        weeks.candidate_key,
        weeks.settled_at,
        max(weeks.week_number) as weeks_watched,
        count(*) filter (where weeks.cases > 0) as weeks_seen_again,
        sum(weeks.cases) as cases_since,
        sum(weeks.events) as events_since,
        sum(weeks.exposure) as exposure_since,
        sum(pow(weeks.exposure, 2)) as squares_since,
        max(weeks.period_starts_on) as last_week,
        min(weeks.period_starts_on) filter (where weeks.week_number = verdicts.decided_week) as decided_in,
        min(weeks.period_starts_on) filter (where weeks.week_number = returned.returned_week) as returned_in
    from {{ ref('int_backlog__watched_weeks') }} as weeks
    left join {{ ref('int_backlog__rate_verdicts') }} as verdicts
        on weeks.candidate_key = verdicts.candidate_key and weeks.settled_at = verdicts.settled_at
    left join returned on weeks.candidate_key = returned.candidate_key and weeks.settled_at = returned.settled_at
    where not weeks.is_before
    group by weeks.candidate_key, weeks.settled_at
)

select * from final
