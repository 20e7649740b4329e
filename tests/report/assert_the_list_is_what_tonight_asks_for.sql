-- A returned row wants a person and is not on the list, or is on it and wants nobody.

select
    coalesce(tonight.kind, items.kind) as kind,
    coalesce(tonight.item_key, items.item_key) as item_key
from {{ ref('int_report__attention_tonight') }} as tonight
full join {{ ref('attention_items') }} as items
    on
        tonight.kind = items.kind
        and tonight.item_key = items.item_key
        and tonight.item_count = items.item_count
where tonight.kind is null or items.kind is null
