-- What wants a person today.
select
    kind,
    kind_title,
    unit,
    title,
    detail,
    item_key,
    item_count,
    is_new,
    since,
    next_step,
    look_in
from attention_items
order by kind_position, is_new desc, urgency desc nulls last, item_key
