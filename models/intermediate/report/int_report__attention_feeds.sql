-- Feeds that stopped: everything else on the page may only be quiet because of them.

with

final as (
    select
        'feed_stopped' as kind,
        feed as item_key,
        feed as title,
        case
            when max_age_hours is null or age_hours <= max_age_hours
                then 'its part of the landing folder cannot be listed: see quarantined_rows'
            when newest_row_at is null then 'files came, but no row of them can be used: see quarantined_rows'
            else format(
                'newest row {} UTC, {:.1f} days before the night; the bar is {:.1f} days',
                strftime(newest_row_at, '%Y-%m-%d %H:%M'), age_hours / 24, max_age_hours / 24
            )
        end as detail,
        1::bigint as item_count,
        coalesce(age_hours, 1e9) as urgency,
        case
            when newest_row_at is not null
                then least(newest_row_at + to_microseconds((max_age_hours * 3.6e9)::bigint), computed_at)
        end as opened_at
    from {{ ref('feed_freshness') }}
    where verdict = 'stale'
)

select * from final
