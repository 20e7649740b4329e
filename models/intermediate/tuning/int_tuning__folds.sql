-- Each possible change in each of both folds: what it would have touched (in) of the source's items and left (out), and
-- as how many of a day one independent decision counts. Of a change that is held to a bar nothing is left.

{{ config(schema='scratch') }}

with

days as (
    select
        source_key,
        happened_on,
        count(*)::double as all_count,
        count_if(is_success)::double as all_successes,
        any_value(is_held_out) as is_held_out
    from {{ ref('int_tuning__items') }}
    where item_type = 'candidate'
    group by source_key, happened_on
),

totals as (
    select
        source_key,
        is_held_out,
        sum(all_count) as all_count,
        sum(all_successes) as all_successes,
        sum(all_count * all_count) as all_squares
    from days
    group by source_key, is_held_out
),

touched as (
    select
        batches.source_key,
        batches.item_type,
        batches.kind,
        batches.direction,
        batches.value,
        batches.is_held_out,
        sum(batches.in_count) as in_count,
        sum(batches.in_successes) as in_successes,
        sum(batches.in_count * batches.in_count) as in_squares,
        sum(batches.in_count * days.all_count) as in_times_all
    from {{ ref('int_tuning__batches') }} as batches
    left join days using (source_key, happened_on)
    group by all
),

final as (
    select
        touched.source_key,
        touched.kind,
        touched.direction,
        touched.value,
        touched.is_held_out,
        {{ tuning_test('touched') }} as test,
        touched.in_count::bigint as in_count,
        touched.in_successes::bigint as in_successes,
        greatest(1 + correlations.day_correlation * (touched.in_squares / touched.in_count - 1), 1) as in_design_effect,
        if(test in ('better', 'worse'), totals.all_count - touched.in_count, null)::bigint as out_count,
        if(test in ('better', 'worse'), totals.all_successes - touched.in_successes, null)::bigint as out_successes,
        greatest(1 + correlations.day_correlation * (
            (totals.all_squares - 2 * touched.in_times_all + touched.in_squares) / nullif(out_count, 0) - 1
        ), 1) as out_design_effect
    from touched
    inner join {{ ref('int_tuning__correlations') }} as correlations on touched.item_type = correlations.item_type
    left join totals on touched.source_key = totals.source_key and touched.is_held_out = totals.is_held_out
)

select * from final
