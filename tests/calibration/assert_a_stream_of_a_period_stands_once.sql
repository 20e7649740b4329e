-- A returned row is a stream, or a bin of one, of tonight's periods that was computed again and not forgotten before:
-- its claims count twice.
with

stored as (
    select
        period_granularity,
        period_starts_on,
        claim_class,
        parser_version,
        null::integer as bin_index
    from {{ ref('int_calibration__stream_counts') }}
    union all
    select
        period_granularity,
        period_starts_on,
        claim_class,
        parser_version,
        bin_index
    from {{ ref('int_calibration__bins') }}
    union all
    select
        'week as the alarms see it' as period_granularity,
        period_starts_on,
        claim_class,
        parser_version,
        bin_index
    from {{ ref('int_calibration__horizon_bins') }}
    union all
    select
        'sessions of a week' as period_granularity,
        period_starts_on,
        claim_class,
        parser_version,
        null::integer as bin_index
    from {{ ref('int_calibration__session_moments') }}
)

select *
from stored
where period_starts_on >= {{ tested_from(ref('int_calibration__touched_periods')) }}
group by all
having count(*) > 1
