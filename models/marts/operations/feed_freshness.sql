-- How old each feed is at the night, beside the bar it is held to. A feed that has a bar and stopped is `stale`; one
-- that was never delivered is not: nobody promised it. Files whose every row is bad are a feed that stopped;
-- so is, at once, a folder that cannot be listed. A bar holds from some deliveries on: an export that was loaded once
-- is no feed that stopped. Deliveries are the days of a feed's files, or the runs that found rows in one that grows.

with

policy as ({{ policy_in_force(ref('feed_freshness_policy'), ['feed']) }}
),

bar_start as ({{ policy_in_force(ref('feed_freshness_start')) }}
),

delivered as (
    select
        feed,
        coalesce(sum(rows_in) filter (where coalesce(status, 'read') = 'read'), 0) > 0 as has_delivered,
        count(distinct coalesce({{ day_of_file('source_file') }}, modified_at::date)) filter (where kept > 0)
            as delivery_days,
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
        coalesce(delivered.is_shut, false) as is_shut,
        greatest(coalesce(delivered.delivery_days, 0), newest.loading_runs) as deliveries,
        bar_start.min_deliveries
    from {{ ref('int_operations__newest_rows') }} as newest
    cross join bar_start
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
            when stored_count = 0 then 'stale'
            when age_hours is null then 'cannot_tell'
            when age_hours <= max_age_hours then 'fresh'
            when deliveries < min_deliveries then 'no_bar_yet'
            else 'stale'
        end as verdict,
        newest_row_at,
        age_hours,
        max_age_hours,
        stored_count,
        {{ as_of() }} as computed_at
    from aged
)

select * from final
