-- The candidates, edits and runs behind each suggestion: in what the change would touch, or of the same source outside.

with

suggestions as (
    select * from {{ ref('tuning_suggestions') }}
),

inside as (
    select
        suggestions.suggestion_id,
        segments.item_type,
        segments.item_id,
        true as is_inside,
        segments.is_held_out,
        segments.is_success
    from suggestions
    inner join {{ ref('int_tuning__segments') }} as segments using (source_key, kind, direction, value)
),

outside as (
    select
        suggestions.suggestion_id,
        items.item_type,
        items.item_id,
        false as is_inside,
        items.is_held_out,
        items.is_success
    from suggestions
    inner join {{ ref('int_tuning__items') }} as items on suggestions.source_key = items.source_key
    anti join inside on suggestions.suggestion_id = inside.suggestion_id and items.item_id = inside.item_id
    where suggestions.learned_out_count is not null and items.item_type = 'candidate'
),

final as (
    select * from inside
    union all
    select * from outside
)

select * from final
