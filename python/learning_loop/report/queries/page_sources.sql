-- Every source, for a page of its own.
select
    source_key as name,
    coalesce(display_name, source_key) as title,
    window_days,
    is_paused,
    paused_by,
    paused_reason,
    reviewed_count,
    promoted_count,
    promotion_rate,
    promotion_rate_lower,
    promotion_rate_upper,
    promotion_rate_shrunk,
    quarantined_share,
    is_rate_in_doubt,
    replace(trend, '_', ' ') as trend,
    open_count,
    median_hours_to_decision,
    replace(regexp_replace(top_reject_reason, '_for_rekindle$', ''), '_', ' ') as top_reject_reason
from source_overview
order by reviewed_count desc, source_key
