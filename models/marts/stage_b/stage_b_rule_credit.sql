-- What the windows alone gave each rule key: every reflection's credit once to each key it upserted or merged into.
-- stage_b_rules adds what the operations did (a hit per re-statement, folded counts) and forgets what was retired.

{{ config(materialized='view') }}

with

credited as (
    select
        * exclude (rule_keys),
        unnest(rule_keys) as rule_key
    from {{ ref('stage_b_feedback_credit') }}
),

summed as (
    select
        run_id,
        mission,
        rule_key,
        sum(hit_count)::bigint as hit_count,
        sum(miss_count)::bigint as miss_count,
        sum(hard_beyond_wrong_count)::bigint as hard_beyond_wrong_count,
        sum(all_hit_count)::bigint as all_hit_count,
        sum(all_miss_count)::bigint as all_miss_count,
        count(*) as reflection_count,
        bool_or(is_provisional) as is_provisional,
        max(computed_at) as computed_at
    from credited
    group by run_id, mission, rule_key
),

final as (
    select
        summed.run_id,
        summed.mission,
        summed.rule_key,
        summed.hit_count,
        summed.miss_count,
        summed.hit_count / (summed.hit_count + summed.miss_count + runs.confidence_epsilon) as confidence,
        {{ rate_with_bounds('summed.hit_count', '(summed.hit_count + summed.miss_count)', 'hit_rate') }},
        summed.hard_beyond_wrong_count,
        summed.all_hit_count,
        summed.all_miss_count,
        summed.reflection_count,
        rules.is_retired,
        rules.drop_recommended,
        summed.is_provisional,
        summed.computed_at
    from summed
    inner join {{ ref('int_stage_b__runs') }} as runs using (run_id, mission)
    left join {{ ref('stage_b_rules') }} as rules using (run_id, mission, rule_key)
)

select * from final
