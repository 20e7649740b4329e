-- How right each run, mission and epoch was, with its 95 % interval.
select
    run_id,
    mission,
    epoch,
    n,
    acc,
    acc_lower,
    acc_upper
from stage_b_metrics
where n > 0
order by run_id desc, mission, epoch
limit 15
