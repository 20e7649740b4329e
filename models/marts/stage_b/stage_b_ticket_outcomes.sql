-- What became of every processed ticket: the first review bucket that applies, and what put it there.

{{ config(
    materialized='incremental',
    pre_hook="{{ forget_touched(ref('int_stage_b__touched_runs'), ['run_id', 'mission']) }}"
) }}

with

-- Several malformed rows may name one ticket in one cycle: the first by step and reflection is its evidence.
malformed as (
    select
        malformed.run_id,
        malformed.mission,
        malformed.ticket_key,
        malformed.reflection_cycle,
        arg_min(
            {
                'reflection_id': nullif(malformed.reflection_id, ''),
                'error_type': malformed.error_type,
                'global_step': malformed.global_step
            },
            { 'global_step': malformed.global_step, 'reflection_id': malformed.reflection_id }
        ) as evidence
    from {{ ref('stg_stage_b_reflection_malformed') }} as malformed
    semi join {{ ref('int_stage_b__touched_runs') }} using (run_id, mission)
    where
        not malformed.is_displaced
        and malformed.row_at <= {{ as_of() }}
        and malformed.ticket_key != ''
    group by malformed.run_id, malformed.mission, malformed.ticket_key, malformed.reflection_cycle
),

policy as ({{ policy_periods(ref('review_buckets'), ['review_bucket']) }}
),

-- The buckets of a run, numbered in the order in which the seed tries them.
buckets as (
    select
        runs.run_id,
        runs.mission,
        policy.review_bucket,
        policy.exclude_from_metrics,
        policy.in_manual_review,
        row_number() over (
            partition by runs.run_id, runs.mission order by policy.bucket_order, policy.review_bucket
        ) as place
    from {{ ref('int_stage_b__runs') }} as runs
    inner join policy on {{ in_force('policy', 'runs.started_at') }}
),

places as (
    select
        run_id,
        mission,
        {{ bucket_places() }}
    from buckets
    group by run_id, mission
),

placed as (
    select
        processed.*,
        malformed.evidence as malformed_evidence,
        {{ first_bucket() }} as place
    from {{ ref('int_stage_b__processed') }} as processed
    inner join places on processed.run_id = places.run_id and processed.mission = places.mission
    left join malformed
        on
            processed.run_id = malformed.run_id
            and processed.mission = malformed.mission
            and processed.ticket_key = malformed.ticket_key
            and coalesce(processed.reflection_cycle, -1) = malformed.reflection_cycle
),

-- A ticket of no bucket stays, and is refused below: no bucket of its own would hide it.
routed as (
    select
        placed.*,
        buckets.review_bucket,
        buckets.exclude_from_metrics,
        buckets.in_manual_review
    from placed
    left join buckets using (run_id, mission, place)
),

final as (
    select
        run_id,
        mission,
        ticket_key,
        group_id,
        gt_label,
        epoch,
        epoch_step,
        global_step,
        reflection_cycle,
        verdict as pred_verdict,
        reason as pred_reason,
        label_match,
        review_bucket,
        {{ bucket_evidence() }} as bucket_evidence,
        exclude_from_metrics,
        in_manual_review,
        coalesce(is_hard, false) as is_hard,
        reflection_id,
        {{ as_of() }} as computed_at
    from routed
)

select * from final
