-- How often the gate calls chance an effect on the labels of this warehouse: first where it lies, then all placebos.
select
    metric_name,
    rate_group,
    placebo_count,
    opened_count,
    rejected_count,
    rejected_rate,
    rejected_lower,
    rejected_upper,
    alpha,
    verdict,
    min_opened,
    planted_lift,
    power
from placebo_rates
order by verdict = 'lies' desc, rate_group, opened_count desc, metric_name
