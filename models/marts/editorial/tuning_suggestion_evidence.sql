-- The candidates, edits and runs behind each suggestion: in what the change would touch, or of the same source
-- outside.

with

suggestions as (
    select * from {{ ref('tuning_suggestions') }}
),

states as (
    select * from {{ ref('int_editorial__source_states') }}
),

items as (
    select items.*
    from {{ ref('int_tuning__items') }} as items
    semi join suggestions on items.source_key = suggestions.source_key
),

segments as (
    select
        items.source_key,
        items.item_type,
        items.item_id,
        items.is_held_out,
        unnest({{ tuning_segments('items', 'states') }}) as segment
    from items
    left join states on items.source_key = states.source_key
),

inside as (
    select
        suggestions.suggestion_id,
        segments.item_type,
        segments.item_id,
        true as is_inside,
        segments.is_held_out,
        segments.segment.is_success
    from suggestions
    inner join segments
        on
            suggestions.source_key = segments.source_key
            and suggestions.kind = segments.segment.kind
            and suggestions.direction = segments.segment.direction
            and suggestions.value = segments.segment.value
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
    inner join items on suggestions.source_key = items.source_key
    anti join inside on suggestions.suggestion_id = inside.suggestion_id and items.item_id = inside.item_id
    where suggestions.learned_out_count is not null and items.item_type = 'candidate'
),

final as (
    select * from inside
    union all
    select * from outside
)

select * from final
