-- The sources with most reviews in the report's window: promotion rate with its 95 % interval, raw and allowing for few reviews.
select
    coalesce(display_name, source_key) as source,
    source_key,
    window_days,
    promoted_count,
    reviewed_count,
    promotion_rate,
    promotion_rate_lower,
    promotion_rate_upper,
    promotion_rate_shrunk,
    trend,
    is_paused,
    quarantined_share,
    is_rate_in_doubt,
    count(*) over () as source_count
from source_overview
where reviewed_count > 0
order by reviewed_count desc, source_key
limit 12
