-- How well a model's score on candidates (model_score in their meta_json) agrees with what editors made of them, per
-- source: expected calibration error over ten equal bins, the last closed. Both it and the resolution are taken less
-- what chance alone makes of so few candidates: a perfect score errs on a handful, a constant one tells nobody apart.

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

-- Under perfect calibration a bin's mean error is about half-normal: sqrt(2 / pi) of its standard deviation.
judged as (
    select
        *,
        sum(item_count) over of_source as scored_count,
        sum(promoted_count) over of_source / scored_count as base_rate,
        score_sum / item_count as mean_score,
        abs(score_sum - promoted_count) as error_sum,
        sqrt(2 / pi() * item_count * mean_score * (1 - mean_score)) as error_by_chance,
        item_count * pow(promoted_count / item_count - base_rate, 2) as resolution_sum
    from binned
    window of_source as (partition by source_key)
),

final as (
    select
        source_key,
        min(scored_count)::bigint as scored_count,
        {{ rounded('greatest(0, (' ~ exact_sum('error_sum') ~ '::double - ' ~ exact_sum('error_by_chance')
            ~ '::double) / min(scored_count))') }} as calibration_error,
        {{ rounded('greatest(0, (' ~ exact_sum('resolution_sum')
            ~ '::double - (count(*) - 1) * min(base_rate) * (1 - min(base_rate))) / min(scored_count))') }}
            as resolution
    from judged
    group by source_key
)

select * from final
