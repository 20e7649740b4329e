-- What each applied reflection is credited with: the hits and misses of hard tickets while it was the active context.
-- The counts over all tickets stand beside them, because hard tickets are no fair sample of what a rule gets right.

{{ config(
    materialized='incremental',
    pre_hook="{{ forget_touched(ref('int_stage_b__touched_runs'), ['run_id', 'mission']) }}"
) }}

with

credit as (
    select
        credit.*,
        reflections.unkeyed_operations,
        reflections.is_noop
    from {{ ref('int_stage_b__windowed_credit') }} as credit
    inner join {{ ref('int_stage_b__reflections') }} as reflections using (run_id, mission, reflection_id)
),

final as (
    select
        run_id,
        mission,
        reflection_id,
        application_order,
        start_global_step,
        end_global_step,
        rule_keys,
        unkeyed_operations,
        is_noop,
        hit_count,
        miss_count,
        hard_beyond_wrong_count,
        all_hit_count,
        all_miss_count,
        {{ rate_with_bounds('hit_count', '(hit_count + miss_count)', 'hit_rate') }},
        is_provisional,
        {{ as_of() }} as computed_at
    from credit
)

select * from final
