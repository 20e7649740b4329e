-- Why candidates were rejected in the report's window, over all sources.
select
    reject_reason_code,
    -- The name of one team's collection says nothing to others.
    replace(regexp_replace(reject_reason_code, '_for_rekindle$', ''), '_', ' ') as reason,
    sum(count)::bigint as rejected_count,
    sum(sum(count)) over ()::bigint as all_rejected_count,
    any_value(window_days) as window_days
from rejections_by_reason
where window_days = (select any_value(window_days) from source_overview)
group by reject_reason_code
order by rejected_count desc, reject_reason_code
limit 12
