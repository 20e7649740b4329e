-- A returned row is a week and stream whose ten bins hold other samples than its metrics count.
with

binned as (
    select
        period_key,
        claim_class,
        parser_version,
        count(*) as bin_count,
        sum(sample_count) as sample_count,
        sum(correct_count) as correct_count
    from {{ ref('extraction_reliability_bins') }}
    group by period_key, claim_class, parser_version
),

weekly as (
    select * from {{ ref('extraction_calibration_metrics') }}
    where period_granularity = 'week'
)

select
    weekly.period_key,
    weekly.claim_class,
    weekly.parser_version,
    binned.bin_count
from weekly
full join binned
    on
        weekly.period_key = binned.period_key
        and weekly.claim_class = binned.claim_class
        and weekly.parser_version = binned.parser_version
where
    binned.bin_count is distinct from 10
    or weekly.sample_count is distinct from binned.sample_count
    or weekly.correct_count is distinct from binned.correct_count
