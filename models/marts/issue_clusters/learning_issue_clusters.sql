-- Recurring failures: the buckets of a day or a week that enough events of enough people support, with a score whose
-- four factors stand beside it, and of a week whether it differs from the weeks before by more than chance.

{{ config(
    materialized='incremental',
    pre_hook="{{ forget_touched(ref('int_issue_clusters__touched_periods')) }}"
) }}

with

described as (
    select
        period_granularity,
        period_starts_on,
        cluster_signature,
        min(captured_at) as first_seen_at,
        max(captured_at) as last_seen_at,
        histogram(signal_type) as signal_type_counts,
        histogram(workflow_phase) filter (where workflow_phase is not null) as phase_counts,
        coalesce(list(
            { 'event_id': event_id, 'captured_at': captured_at, 'signal_type': signal_type, 'user': user_id }
            order by place
        ) filter (where is_example), []) as examples
    from {{ ref('int_issue_clusters__kept_signals') }}
    group by period_granularity, period_starts_on, cluster_signature
),

-- A week has one, a day has none.
trends as (
    select
        *,
        'week' as period_granularity
    from {{ ref('int_issue_clusters__trends') }}
),

-- Commonest first, ties by name: the sort key puts the negative count before the name.
ordered as (
    select
        clusters.*,
        described.* exclude (period_granularity, period_starts_on, cluster_signature),
        {{ commonest_first('described.signal_type_counts') }} as signal_types,
        {{ commonest_first('described.phase_counts') }} as affected_workflow_phases,
        case when clusters.period_granularity = 'week' then coalesce(trends.trend, 'cannot_tell') end as trend,
        trends.ratio as trend_ratio,
        trends.ratio_lower as trend_ratio_lower,
        trends.ratio_upper as trend_ratio_upper,
        trends.events as trend_events,
        trends.events_before as trend_events_before,
        trends.weeks_before as trend_weeks_before,
        trends.day_count as trend_days,
        trends.overdispersion as trend_overdispersion
    from {{ ref('int_issue_clusters__buckets') }} as clusters
    inner join described using (period_granularity, period_starts_on, cluster_signature)
    left join trends using (period_granularity, period_starts_on, cluster_signature)
),

final as (
    select
        period_granularity,
        period_key,
        period_starts_on,
        cluster_signature,
        score,
        event_count,
        unique_users,
        frequency,
        severity,
        impact,
        reproducibility,
        signal_types[1] as signal_type_top,
        first_seen_at,
        last_seen_at,
        min_support,
        min_unique_users,
        {{ cluster_data() }} as cluster_data,
        {{ as_of() }} as computed_at,
        trend,
        trend_ratio,
        trend_ratio_lower,
        trend_ratio_upper
    from ordered
)

select * from final
