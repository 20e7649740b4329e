-- How well a model's score on candidates (model_score in their meta_json) agrees with what editors made of them, per
-- source: expected calibration error over ten equal bins, the last closed.

with

scored as (
    select
        labels.source_key,
        try_cast(candidates.meta_json ->> '$.model_score' as double) as score,
        labels.is_promotion
    from ({{ known_rows(ref('stg_ingest_candidates'), 'created_at') }}) as candidates
    inner join {{ ref('ingest_editor_labels') }} as labels
        on candidates.candidate_id = labels.candidate_id and labels.is_counted and labels.action != 'needs_work'
    where score >= 0 and score <= 1
),

binned as (
    select
        source_key,
        least(9, floor(score * 10)) as bin,
        count(*) as item_count,
        count(*) filter (where is_promotion) as promoted_count,
        {{ exact_sum('score') }}::double as score_sum
    from scored
    group by all
),

final as (
    select
        source_key,
        sum(item_count)::bigint as scored_count,
        {{ exact_sum('abs(score_sum - promoted_count)') }}::double / sum(item_count) as calibration_error
    from binned
    group by source_key
)

select * from final
