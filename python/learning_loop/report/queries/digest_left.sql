-- What left the list since.
select
    stays.kind,
    kinds.title as kind_title,
    stays.title,
    stays.ended_at
from attention_log as stays
inner join policy.attention_kinds as kinds on stays.kind = kinds.kind
where stays.ended_at > $since
order by stays.ended_at desc, kinds.kind_position, stays.title, stays.item_key
