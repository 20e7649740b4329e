-- How old each feed is at the night, beside the bar it is held to. A feed that has a bar and stopped is `stale`; one
-- that was never delivered is not: nobody promised it. Files whose every row is bad are a feed that stopped;
-- so is, at once, a folder that cannot be listed.

with

policy as ({{ policy_in_force(ref('feed_freshness_policy'), ['feed']) }}
),

delivered as (
    select
        feed,
        coalesce(sum(rows_in) filter (where coalesce(status, 'read') = 'read'), 0) > 0 as has_delivered,
        -- The feed's own folder is no longer one that can be listed: what came since is unknown.
        bool_or(status = 'quarantined' and not contains(source_file, '/')) as is_shut
    from {{ ref('landing_files') }}
    group by feed
),

aged as (
    select
        newest.feed,
        newest.stored_count,
        newest.newest_row_at,
        {{ rounded('epoch_us(' ~ as_of() ~ ' - newest.newest_row_at) / 3.6e9', digits=38) }} as age_hours,
        policy.max_age_hours,
        coalesce(delivered.has_delivered, false) as has_delivered,
        coalesce(delivered.is_shut, false) as is_shut
    from {{ ref('int_operations__newest_rows') }} as newest
    left join policy on newest.feed = policy.feed
    left join delivered on newest.feed = delivered.feed
),

final as (
    select
        feed,
        case
            when is_shut then 'stale'
            when stored_count = 0 and not has_delivered then 'not_delivered'
            when max_age_hours is null then 'no_bar'
            when stored_count = 0 or age_hours > max_age_hours then 'stale'
            when age_hours is null then 'cannot_tell'
            else 'fresh'
        end as verdict,
        newest_row_at,
        age_hours,
        max_age_hours,
        stored_count,
        {{ as_of() }} as computed_at
    from aged
)

select * from final
