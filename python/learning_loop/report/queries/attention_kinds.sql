-- How much wants a person, by kind, and how much of it is new; kinds without anything too.
select
    kinds.kind,
    kinds.title,
    kinds.unit,
    kinds.next_step,
    kinds.look_in,
    coalesce(sum(items.item_count), 0)::bigint as item_count,
    coalesce(sum(items.item_count) filter (where items.is_new), 0)::bigint as new_count,
    count(items.kind) as entry_count
from policy.attention_kinds as kinds
left join attention_items as items using (kind)
group by
    kinds.kind, kinds.title, kinds.unit, kinds.next_step, kinds.look_in, kinds.kind_position
order by kinds.kind_position
