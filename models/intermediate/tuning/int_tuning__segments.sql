-- Which items a change would touch: the folder it would include or leave out, the selector it would prefer or rank
-- last, what a threshold would hide or show, the edits that a rule of text would have made. A pause and a cadence touch
-- all of a source, which may have runs and no candidate yet.

{{ config(schema='scratch') }}

with

states as (
    select * from {{ ref('int_editorial__source_states') }}
),

segmented as (
    select
        items.* exclude (is_success, url_folder, selector, total, fitting_rules, has_promoted),
        unnest({{ tuning_segments('items', 'states') }}) as segment
    from {{ ref('int_tuning__items') }} as items
    left join states on items.source_key = states.source_key
),

final as (
    select
        source_key,
        segment.kind,
        segment.direction,
        segment.value,
        item_type,
        item_id,
        happened_on,
        is_held_out,
        segment.is_success
    from segmented
    where segment.value is not null
)

select * from final
