-- What wants a person today; a candidate by its short key.
select
    items.kind,
    items.kind_title,
    items.unit,
    items.title,
    items.detail,
    items.item_key,
    candidates.short_key,
    items.item_count,
    items.is_new,
    items.since,
    items.next_step,
    items.look_in
from attention_items as items
left join learning_backlog_candidates as candidates on items.item_key = candidates.candidate_key
order by items.kind_position, items.is_new desc, items.urgency desc nulls last, items.item_key
