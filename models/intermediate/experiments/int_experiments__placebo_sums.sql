-- What each look adds to the sums of a placebo's arms: as they are, and with an effect planted in the treatment (of a
-- rate, so many noughts of each source become ones; a mean is moved).

with

drawn as (
    select
        placebos.placebo_id,
        placebos.is_clustered,
        placebos.planted_lift,
        labels.label_id,
        {{ hash_share("concat_ws('/', placebo_id, if(is_clustered, labels.source_key, labels.candidate_id), 'arm')") }}
        < placebos.treatment_share as is_treated,
        case when is_treated then {{ hash_share("concat_ws('/', placebo_id, labels.candidate_id, 'planted')") }} end
            as planting
    from {{ ref('int_experiments__placebos') }} as placebos
    inner join {{ ref('int_experiments__placebo_labels') }} as labels on placebos.source_key = labels.source_key
),

planted as (
    select
        drawn.* exclude (label_id),
        said.*,
        case
            when not drawn.is_treated then said.value
            when said.kind = 'mean' then said.value + drawn.planted_lift
            when said.value = 0 and drawn.planting < drawn.planted_lift / said.nought_share then 1
            else said.value
        end as planted_value
    from drawn
    inner join {{ ref('int_experiments__placebo_values') }} as said on drawn.label_id = said.label_id
),

final as (
    select
        placebo_id,
        metric_name,
        if(is_treated, 'treatment', 'control') as arm,
        -- Where candidates were given, the sources are of no account.
        if(is_clustered, source_key, '') as source_key,
        look,
        sum(weight)::bigint as item_count,
        {{ exact_sum('weight * value') }}::double as total,
        {{ exact_sum('weight * value * value') }}::double as total_of_squares,
        {{ exact_sum('weight * planted_value') }}::double as planted_total,
        {{ exact_sum('weight * planted_value * planted_value') }}::double as planted_squares,
        min(created_at) filter (where weight > 0) as first_at,
        max(created_at) filter (where weight > 0) as last_at
    from planted
    group by all
)

select * from final
