-- The sources of the report's window up to the latest review there is, however old: for a team whose labels stopped.
with
latest as (
    select
        max(period_starts_on) as last_on,
        (select any_value(window_days) from source_overview) as window_days
    from editorial_daily where reviewed_count > 0
),
summed as (
    select
        daily.source_key as source,
        any_value(latest.last_on) as last_on,
        any_value(latest.window_days) as window_days,
        sum(daily.promoted_count)::bigint as promoted_count,
        sum(daily.reviewed_count)::bigint as reviewed_count,
        3.841458820694124 as z_squared
    from editorial_daily as daily cross join latest
    where daily.period_starts_on > latest.last_on - latest.window_days
    group by daily.source_key
    having sum(daily.reviewed_count) > 0
)
select
    source,
    last_on,
    window_days,
    promoted_count,
    reviewed_count,
    promoted_count / reviewed_count as promotion_rate,
    -- Wilson's bounds, as everywhere.
    greatest(0, (promoted_count + z_squared / 2 - sqrt(z_squared * (
        promoted_count * (reviewed_count - promoted_count) / reviewed_count + z_squared / 4
    ))) / (reviewed_count + z_squared)) as promotion_rate_lower,
    least(1, (promoted_count + z_squared / 2 + sqrt(z_squared * (
        promoted_count * (reviewed_count - promoted_count) / reviewed_count + z_squared / 4
    ))) / (reviewed_count + z_squared)) as promotion_rate_upper,
    count(*) over () as source_count
from summed
order by reviewed_count desc, source
limit 12
