-- Why candidates were rejected in the report's window up to the latest review there is, however old.
with
latest as (
    select
        max(created_at) filter (where not is_machine and action in ('promoted', 'promoted_after_edit', 'rejected')) as last_at,
        (select any_value(window_days) from source_overview) as window_days
    from ingest_editor_labels
)
select
    labels.reject_reason_code,
    replace(regexp_replace(labels.reject_reason_code, '_for_rekindle$', ''), '_', ' ') as reason,
    count(*) as rejected_count,
    sum(count(*)) over ()::bigint as all_rejected_count
from ingest_editor_labels as labels cross join latest
where
    labels.action = 'rejected'
    and not labels.is_machine
    and labels.reject_reason_code is not null
    and labels.created_at > latest.last_at - to_days(latest.window_days)
group by labels.reject_reason_code
order by rejected_count desc, reject_reason_code
limit 12
