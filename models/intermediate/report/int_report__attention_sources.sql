-- Sources whose promotion rate fell by more than chance, looked at beside all others of the night. A paused one has
-- been seen to.

with

overview as (
    select * from {{ ref('source_overview') }}
),

trends as (
    select * from {{ ref('source_trends') }}
),

final as (
    select
        'source_fell' as kind,
        trends.source_key as item_key,
        coalesce(overview.display_name, trends.source_key) as title,
        format(
            'promoted {} of {} in the last {} days, {} of {} in the {} before ({:+.0f} points)',
            trends.recent_promoted_count,
            trends.recent_count,
            trends.trend_days,
            trends.earlier_promoted_count,
            trends.earlier_count,
            trends.trend_days,
            100 * trends.change
        ) as detail,
        1::bigint as item_count,
        abs(trends.change) as urgency,
        null::timestamptz as opened_at
    from trends
    left join overview on trends.source_key = overview.source_key
    where trends.trend = 'decaying' and not coalesce(overview.is_paused, false)
)

select * from final
