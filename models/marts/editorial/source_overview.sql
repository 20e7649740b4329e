-- How each source does, as an editor asks it: what it is set to, how its candidates fared in the window of its trend,
-- where it stands among those that can be ranked, and where it is heading.

{{ config(materialized='view') }}

with

policy as ({{ policy_in_force(ref('editorial')) }}
),

performance as (
    select shrunk.*
    from {{ ref('source_performance_shrunk') }} as shrunk
    inner join policy on shrunk.window_days = policy.trend_days
),

counts as (
    select counts.*
    from {{ ref('source_performance') }} as counts
    inner join policy on counts.window_days = policy.trend_days
),

final as (
    select
        states.source_key,
        states.display_name,
        states.registry_state,
        states.is_paused,
        states.paused_by,
        states.paused_reason,
        states.paused_until,
        states.quality_threshold,
        policy.trend_days as window_days,
        coalesce(performance.reviewed_count, 0) as reviewed_count,
        coalesce(performance.promoted_count, 0) as promoted_count,
        performance.promotion_rate,
        performance.promotion_rate_lower,
        performance.promotion_rate_upper,
        performance.promotion_rate_shrunk,
        coalesce(performance.evidence, 'insufficient_data') as evidence,
        performance.promotion_rank,
        coalesce(trends.trend, 'insufficient_data') as trend,
        trends.change,
        trends.change_lower,
        trends.change_upper,
        coalesce(counts.open_count, 0) as open_count,
        counts.median_hours_to_decision,
        coalesce(counts.quarantined_labels, 0) as quarantined_labels,
        counts.top_reject_reason,
        counts.quarantined_share,
        coalesce(counts.quarantined_share >= bars.quarantined_share_said, false) as is_rate_in_doubt
    from {{ ref('int_editorial__source_states') }} as states
    cross join policy
    cross join ({{ policy_in_force(ref('editorial_bars')) }}) as bars
    left join performance on states.source_key = performance.source_key
    left join counts on states.source_key = counts.source_key
    left join {{ ref('source_trends') }} as trends on states.source_key = trends.source_key
)

select * from final
