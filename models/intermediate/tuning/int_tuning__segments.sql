-- How many items of a day a change would touch: the folder it would include or leave out, the selector it would prefer
-- or rank last, what a threshold would hide or show, the edits that a rule of text would have made. A pause and a
-- cadence touch all of a source, which may have runs and no candidate yet.

{{ config(materialized='view', schema='scratch') }}

with

-- Items of a day that no change can tell apart are asked once.
items as (
    select
        * exclude (item_id),
        count(*) as item_count
    from {{ ref('int_tuning__items') }}
    group by all
),

states as (
    select * from {{ ref('int_editorial__source_states') }}
),

segmented as (
    select
        items.source_key,
        items.item_type,
        items.happened_on,
        items.is_held_out,
        items.item_count,
        unnest({{ tuning_segments('items', 'states') }}) as segment
    from items
    left join states on items.source_key = states.source_key
),

final as (
    select
        source_key,
        segment.kind,
        segment.direction,
        segment.value,
        item_type,
        happened_on,
        is_held_out,
        segment.is_success,
        sum(item_count)::bigint as item_count
    from segmented
    where segment.value is not null
    group by all
)

select * from final
