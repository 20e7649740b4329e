-- What changed for the groups a reflection speaks about, less what changed for the others. The surest harm comes first.
select
    reflection_id,
    run_id,
    mission,
    array_to_string(rule_keys, ', ') as rule_keys,
    uplift,
    uplift_lower,
    uplift_upper,
    q_value,
    verdict,
    count(*) over () as reflection_count
from stage_b_rule_uplift
where uplift is not null
order by uplift, run_id, mission, reflection_id
limit 15
