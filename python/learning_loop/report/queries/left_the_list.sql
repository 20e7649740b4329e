-- What left the list last night.
select
    stays.kind,
    kinds.title as kind_title,
    stays.title,
    stays.since
from attention_log as stays
left join policy.attention_kinds as kinds using (kind)
where stays.ended_at = (select max(as_of) from nightly_runs where status = 'success')
order by kinds.kind_position, stays.title, stays.item_key
limit 12
