-- The rules that stand and have credit, the most doubtful first: hit rate, and allowing for few tickets.
select
    shrunk.rule_key,
    shrunk.run_id,
    shrunk.mission,
    shrunk.hit_count,
    shrunk.miss_count,
    shrunk.hit_rate,
    shrunk.hit_rate_shrunk,
    shrunk.hit_rate_shrunk_lower,
    shrunk.hit_rate_shrunk_upper,
    effects.advice,
    count(*) over () as rule_count
from stage_b_rules_shrunk as shrunk
inner join stage_b_rule_effects as effects using (run_id, mission, rule_key)
where not shrunk.is_retired
order by shrunk.hit_rate_shrunk_upper, shrunk.run_id, shrunk.mission, shrunk.rule_key
limit 15
