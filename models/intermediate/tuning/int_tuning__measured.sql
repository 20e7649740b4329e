-- Each possible change with what it would have touched (in) and left (out) of the source's items, learnt and held out.

{{ config(schema='scratch') }}

with

totals as (
    select
        source_key,
        count(*) filter (where not is_held_out) as learned_all_count,
        count(*) filter (where not is_held_out and is_success) as learned_all_successes,
        count(*) filter (where is_held_out) as held_all_count,
        count(*) filter (where is_held_out and is_success) as held_all_successes
    from {{ ref('int_tuning__items') }}
    where item_type = 'candidate'
    group by source_key
),

counted as (
    select
        source_key,
        kind,
        value,
        case
            when kind in ('include_pattern', 'selector_priority') then 'better'
            when kind in ('exclude_pattern', 'quality_threshold') then 'worse'
            when kind = 'text_normalisation_rule' then 'over_the_bar'
            else 'under_the_bar'
        end as test,
        count(*) filter (where not is_held_out) as learned_in_count,
        count(*) filter (where not is_held_out and is_success) as learned_in_successes,
        count(*) filter (where is_held_out) as held_in_count,
        count(*) filter (where is_held_out and is_success) as held_in_successes
    from {{ ref('int_tuning__segments') }}
    group by source_key, kind, value
),

final as (
    select
        counted.*,
        totals.learned_all_count - counted.learned_in_count as learned_out_count,
        totals.learned_all_successes - counted.learned_in_successes as learned_out_successes,
        totals.held_all_count - counted.held_in_count as held_out_count,
        totals.held_all_successes - counted.held_in_successes as held_out_successes
    from counted
    left join totals on counted.source_key = totals.source_key and counted.test in ('better', 'worse')
)

select * from final
