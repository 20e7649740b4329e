-- How right each epoch of a run was, over all its tickets and again without the excluded, each rate with its bounds.
-- Pass is positive: fp is a pass that should have been a fail. A ticket without a verdict is not right, but neither
-- fp nor fn.

{{ config(
    materialized='incremental',
    pre_hook="{{ forget_touched(ref('int_stage_b__touched_runs'), ['run_id', 'mission']) }}"
) }}

with

outcomes as (
    select
        outcomes.*,
        coalesce(outcomes.label_match, false) as is_right,
        not is_right and outcomes.pred_verdict = 'pass' and outcomes.gt_label = 'fail'
            as is_fp,
        not is_right and outcomes.pred_verdict = 'fail' and outcomes.gt_label = 'pass'
            as is_fn
    from {{ ref('stage_b_ticket_outcomes') }} as outcomes
    semi join {{ ref('int_stage_b__touched_runs') }} using (run_id, mission)
),

counted as (
    select
        run_id,
        mission,
        epoch,
        {{ metric_counts() }},
        {{ metric_counts('not exclude_from_metrics', '_without_excluded') }},
        {{ bucket_counts() }}
    from outcomes
    group by run_id, mission, epoch
),

final as (
    select
        run_id,
        mission,
        epoch,
        {{ metric_columns() }},
        {{ metric_columns('_without_excluded') }},
        failure_malformed_count,
        need_review_count,
        reflection_malformed_count,
        low_agreement_count,
        selection_manual_review_count,
        none_count,
        {{ as_of() }} as computed_at
    from counted
)

select * from final
