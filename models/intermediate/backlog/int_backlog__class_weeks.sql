-- The matured weeks of each class that was promoted, before and since: how many of its claims were wrong, and how many
-- would be by what they say of themselves, as a share of the mean week before. Over all parser versions, for a fix is a
-- new one. What was usual began with the alarm: the weeks before it were those in which nothing was wrong.

{{ config(schema='scratch') }}

with

policy as ({{ policy_in_force(ref('fix_effects_policy')) }}
),

watches as (
    select * from {{ ref('int_backlog__watches') }}
    where claim_class is not null
),

matured as (
    select
        claim_class,
        parser_version,
        period_starts_on,
        coalesce(max(design_effect), 1) as design_effect
    from {{ ref('extraction_drift_weeks') }}
    group by claim_class, parser_version, period_starts_on
),

weeks as (
    select
        claim_class,
        period_starts_on,
        sum(claim_count - right_count)::bigint as wrong_count,
        sum(claim_count * greatest(0.01, 1 - confidence_sum::double / claim_count)) as told_wrong_count,
        max(design_effect) as design_effect
    from {{ ref('int_calibration__horizon_bins') }}
    inner join matured using (claim_class, parser_version, period_starts_on)
    group by claim_class, period_starts_on
),

alarms as (
    select
        watches.candidate_key,
        watches.settled_at,
        max_by(drift.began_on, drift.period_starts_on) as began_on
    from watches
    inner join {{ ref('extraction_drift_weeks') }} as drift
        on watches.claim_class = drift.claim_class and watches.settled_in >= drift.period_starts_on
    where drift.verdict = 'alarm'
    group by watches.candidate_key, watches.settled_at
),

watched as (
    select
        watches.candidate_key,
        watches.settled_at,
        watches.settled_in,
        weeks.period_starts_on,
        weeks.wrong_count,
        weeks.told_wrong_count,
        weeks.design_effect,
        avg(weeks.told_wrong_count) filter (where weeks.period_starts_on <= watches.settled_in) over (
            partition by watches.candidate_key, watches.settled_at
        ) as told_wrong_before
    from watches
    cross join policy
    left join alarms on watches.candidate_key = alarms.candidate_key and watches.settled_at = alarms.settled_at
    inner join weeks
        on
            watches.claim_class = weeks.claim_class
            and weeks.period_starts_on
            >= greatest(watches.settled_in - to_weeks((policy.baseline_weeks - 1)::integer), alarms.began_on)
            and weeks.period_starts_on < date_trunc('week', coalesce(watches.left_at, 'infinity'))::date
),

final as (
    select
        candidate_key,
        settled_at,
        settled_in,
        period_starts_on,
        wrong_count,
        told_wrong_before,
        design_effect,
        told_wrong_count / told_wrong_before as exposure
    from watched
    where told_wrong_before is not null
)

select * from final
