-- What the page will show of signals, and what the policy leaves out. Why a signature is no cluster, its buckets say.
with

policy as (
    select * from policy.issue_clusters where effective_from <= run.as_of() order by effective_from desc limit 1
),

signals as (
    select * from staging.stg_events where event_type = 'learning.signal.logged' and not is_displaced
),

newest as (
    select max(period_key) as period_key from intermediate.int_issue_clusters__buckets where period_granularity = 'week'
),

weeks as (
    select
        newest.period_key,
        count(*) filter (where verdict = 'cluster') as clusters,
        count(*) filter (where verdict = 'filtered_low_confidence') as too_low,
        count(*) filter (where verdict = 'filtered_min_support') as too_few,
        count(*) filter (where verdict = 'filtered_unique_users') as of_too_few_users
    from intermediate.int_issue_clusters__buckets as buckets
    inner join newest on buckets.period_granularity = 'week' and buckets.period_key = newest.period_key
    group by newest.period_key
),

left_out as (
    select
        count(*) filter (where nullif(trim(confidence_band), '') is null) as without_band,
        count(*) filter (where confidence_band not in ('high', 'medium')) as low,
        count(*) filter (where event_at > run.as_of()) as ahead,
        count(*) as in_all
    from signals
)

select
    clusters = 0 as is_finding,
    clusters || ' clusters in ' || period_key || ', the newest week; of other signatures '
    || too_few || ' have fewer than ' || min_support || ' events, '
    || of_too_few_users || ' fewer than ' || min_unique_users || ' users, and '
    || too_low || ' signals of low confidence alone.' as says
from weeks, policy
union all
select
    true,
    without_band || ' of ' || in_all || ' signals have no confidence_band, so they count as low and are left out: send '
    || 'data.signature.confidence_band, or set include_low_confidence (seeds/policy/issue_clusters.csv).'
from left_out, policy
where without_band > 0 and not include_low_confidence
union all
select true, low || ' of ' || in_all || ' signals have a band of low or an unknown one, and are left out (include_low_confidence).'
from left_out, policy
where low > 0 and not include_low_confidence
union all
select true, ahead || ' of ' || in_all || ' signals lie ahead of the night, which will not see them yet.'
from left_out where ahead > 0
