-- What became of every processed ticket: the first review bucket that applies, and what put it there.

{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_touched(ref('int_stage_b__touched_runs'), ['run_id', 'mission']) }}"
) }}

with

processed as (
    select * from {{ ref('int_stage_b__processed') }}
),

runs as (
    select * from {{ ref('int_stage_b__runs') }}
),

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
    semi join {{ ref('int_stage_b__touched_runs') }} as touched
        on malformed.run_id = touched.run_id and malformed.mission = touched.mission
    where
        not malformed.is_displaced
        and malformed.row_at <= {{ as_of() }}
        and malformed.ticket_key != ''
    group by malformed.run_id, malformed.mission, malformed.ticket_key, malformed.reflection_cycle
),

routed as (
    select
        processed.*,
        runs.started_at as run_started_at,
        malformed.evidence as malformed_evidence,
        case
            when processed.failure_reason is not null then 'failure_malformed'
            when processed.need_review_reason is not null then 'need_review'
            when malformed.ticket_key is not null then 'reflection_malformed'
            when processed.has_low_agreement then 'low_agreement'
            when processed.needs_manual_review or processed.is_manual_review_recommended then 'selection_manual_review'
            else 'none'
        end as review_bucket
    from processed
    inner join runs on processed.run_id = runs.run_id and processed.mission = runs.mission
    left join malformed
        on
            processed.run_id = malformed.run_id
            and processed.mission = malformed.mission
            and processed.ticket_key = malformed.ticket_key
            and coalesce(processed.reflection_cycle, -1) = malformed.reflection_cycle
),

buckets as ({{ policy_periods(ref('review_buckets'), ['review_bucket']) }}
),

final as (
    select
        routed.run_id,
        routed.mission,
        routed.ticket_key,
        routed.group_id,
        routed.gt_label,
        routed.epoch,
        routed.epoch_step,
        routed.global_step,
        routed.reflection_cycle,
        routed.verdict as pred_verdict,
        routed.reason as pred_reason,
        routed.label_match,
        routed.review_bucket,
        {{ bucket_evidence() }} as bucket_evidence,
        buckets.exclude_from_metrics,
        buckets.in_manual_review,
        coalesce(routed.is_hard, false) as is_hard,
        routed.reflection_id,
        {{ as_of() }} as computed_at
    from routed
    inner join buckets
        on routed.review_bucket = buckets.review_bucket and {{ in_force('buckets', 'routed.run_started_at') }}
)

select * from final
