-- A returned row is a week, of those whose claims have all matured, in which the alarms count other claims than the
-- weekly metrics, beyond those that were withdrawn or found wrong only after the correction horizon.
with

watched as (
    select
        claim_class,
        parser_version,
        period_starts_on,
        claim_count,
        right_count
    from {{ ref('extraction_drift_weeks') }}
    where channel = 'overconfident'
),

weekly as (
    select
        claim_class,
        parser_version,
        period_starts_on,
        sample_count,
        retracted_count,
        correct_count
    from {{ ref('int_calibration__stream_counts') }}
    where period_granularity = 'week'
)

select
    watched.claim_class,
    watched.parser_version,
    watched.period_starts_on,
    watched.claim_count,
    weekly.sample_count,
    weekly.retracted_count
from watched
left join weekly using (claim_class, parser_version, period_starts_on)
where
    weekly.sample_count is null
    or watched.claim_count not between weekly.sample_count and weekly.sample_count + weekly.retracted_count
    or watched.right_count < weekly.correct_count
