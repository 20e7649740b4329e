-- A returned row: a placebo that counts as an error of a gate that never opened, or a metric whose rates count other
-- placebos than the log has.

with

logged as (
    select
        metric_name,
        count(*) as placebo_count
    from {{ ref('placebo_experiments') }}
    group by metric_name
),

rates as (
    select *
    from {{ ref('placebo_rates') }}
    where rate_group = 'all'
)

select
    placebo_id,
    metric_name
from {{ ref('placebo_experiments') }}
where not is_opened and (is_rejected or is_planted_found)
union all
select
    null as placebo_id,
    metric_name
from logged
full join rates using (metric_name)
where
    logged.placebo_count is distinct from rates.placebo_count
    or rates.rejected_count > rates.opened_count
    or rates.found_count > rates.opened_count
