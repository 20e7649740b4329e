-- The age of every feed at the night, stopped ones first.
select
    feed,
    verdict,
    newest_row_at,
    age_hours,
    max_age_hours,
    stored_count
from feed_freshness
order by verdict != 'stale', verdict = 'not_delivered', age_hours nulls last, feed
