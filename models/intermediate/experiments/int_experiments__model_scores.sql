-- How well the active model agrees, per source, with what editors then made of candidates: of those that were held out
-- when it was fitted. Expected calibration error over ten equal bins, the last closed; both it and the resolution are
-- taken less what chance alone makes of so few candidates: a perfect score errs on a handful, a constant one tells
-- nobody apart. What a candidate says of its own score proves nothing.

with

latest as (
    select unnest(holdout_bins, recursive := true) -- noqa: AL03
    from {{ ref('model_versions') }}
    where target = 'promoted'
    qualify row_number() over (order by trained_until desc) = 1 and state = 'active'
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
    from latest
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
