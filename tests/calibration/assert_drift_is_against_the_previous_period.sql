-- A returned row is a stream's period whose drift is not what its neighbours say now: a period was computed again and
-- the one after it was not.
with

ordered as (
    select
        *,
        brier_score - lag(brier_score) over (
            partition by period_granularity, claim_class, parser_version order by period_starts_on
        ) as delta_now
    from {{ ref('extraction_calibration_metrics') }}
)

select *
from ordered
where drift_delta_brier is distinct from delta_now
