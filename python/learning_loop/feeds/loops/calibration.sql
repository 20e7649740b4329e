-- What the page will show of confidence, and what is too little to judge.
with

policy as (
    select * from policy.calibration where effective_from <= run.as_of() order by effective_from desc limit 1
),

claims as (
    select
        claim_class,
        coalesce(parser_version, 'unknown') as parser_version,
        count(*) as claims,
        count(*) filter (where lineage_event_id is null) as without_target
    from staging.stg_events
    where event_type = 'evidence.claim.logged' and not is_displaced
    group by all
),

answers as (
    select count(*) as answers from staging.stg_events
    where event_type in ('set.corrected', 'event.retracted') and not is_displaced
),

summed as (
    select
        sum(claims) as claims,
        count(*) as streams,
        count(*) filter (where claims < min_samples_for_status) as small,
        sum(without_target) as without_target,
        any_value(min_samples_for_status) as min_samples
    from claims, policy
)

select
    false as is_finding,
    claims || ' claims of ' || streams || ' classes and versions; ' || small || ' of these have fewer than ' || min_samples
    || ' claims in all and get no status.' as says
from summed where claims > 0
union all
select
    true,
    'No correction and no retraction came beside ' || claims || ' claims: each will count as right once its week is over.'
from summed, answers where claims > 0 and answers = 0
union all
select true, without_target || ' of ' || claims || ' claims name no data.lineage.event_id: no correction can reach them.'
from summed where without_target > 0
