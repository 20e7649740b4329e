-- Everything that changed a rule, in order, with its counts before and after: why a rule stands where it stands.

{{ config(
    materialized='incremental',
    pre_hook="{{ forget_touched(ref('int_stage_b__touched_runs'), ['run_id', 'mission']) }}"
) }}

with

events as (
    select * from {{ ref('int_stage_b__rule_ledger') }}
),

final as (
    select
        run_id,
        mission,
        event_number,
        rule_key,
        event_type,
        reflection_id,
        global_step,
        other_rule_key,
        hit_count_before,
        hit_count_after,
        miss_count_before,
        miss_count_after,
        hard_beyond_wrong_count_before,
        hard_beyond_wrong_count_after,
        is_retired_after,
        is_provisional,
        {{ as_of() }} as computed_at
    from events
)

select * from final
