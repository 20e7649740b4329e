-- Every rule as its run left it: the sum of what happened to it (stage_b_rule_events).

{{ config(
    materialized='incremental',
    pre_hook="{{ forget_touched(ref('int_stage_b__touched_runs'), ['run_id', 'mission']) }}"
) }}

with

events as ({{ of_touched_runs(ref('stage_b_rule_events')) }}
),

summed as (
    select
        run_id,
        mission,
        rule_key,
        sum(hit_count_after - hit_count_before)::bigint as hit_count,
        sum(miss_count_after - miss_count_before)::bigint as miss_count,
        sum(hard_beyond_wrong_count_after - hard_beyond_wrong_count_before)::bigint as hard_beyond_wrong_count,
        arg_max(is_retired_after, event_number) as is_retired,
        count(*) filter (where event_type = 'created') as times_created,
        count(*) as event_count,
        arg_max(global_step, event_number) as last_changed_step,
        bool_or(is_provisional) as is_provisional
    from events
    group by run_id, mission, rule_key
),

protected as ({{ policy_periods(ref('protected_rules'), ['rule_key']) }}
),

final as (
    select
        summed.run_id,
        summed.mission,
        summed.rule_key,
        summed.hit_count,
        summed.miss_count,
        {{ rule_confidence() }} as confidence,
        {{ wilson_lower('hit_count', '(hit_count + miss_count)') }} as hit_rate_lower,
        {{ wilson_upper('hit_count', '(hit_count + miss_count)') }} as hit_rate_upper,
        summed.hard_beyond_wrong_count,
        summed.is_retired,
        coalesce(protected.is_protected, false) as is_protected,
        {{ drop_recommended() }} as drop_recommended,
        runs.drop_confidence,
        runs.drop_min_misses,
        runs.drop_min_hard_beyond_wrong,
        summed.times_created,
        summed.event_count,
        summed.last_changed_step,
        summed.is_provisional,
        {{ as_of() }} as computed_at
    from summed
    inner join {{ ref('int_stage_b__runs') }} as runs using (run_id, mission)
    left join protected
        on summed.rule_key = protected.rule_key and {{ in_force('protected', 'runs.started_at') }}
)

select * from final
