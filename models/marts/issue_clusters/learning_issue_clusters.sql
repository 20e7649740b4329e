-- Recurring failures: the buckets of a day or a week that enough events of enough people support, with a score whose
-- four factors stand beside it, and of a week whether it differs from the weeks before by more than chance.

{{ config(
    materialized='incremental',
    pre_hook="{{ forget_touched(ref('int_issue_clusters__touched_periods')) }}"
) }}

with

kinds as (
    select * from {{ ref('int_issue_clusters__kept_kinds') }}
),

seen as (
    select
        period_granularity,
        period_starts_on,
        cluster_signature,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at
    from kinds
    group by period_granularity, period_starts_on, cluster_signature
),

types as ({{ counts_of('kinds', 'signal_type', 'signal_type_counts') }}
),

phases as ({{ counts_of('kinds', 'workflow_phase', 'phase_counts') }}
),

-- In their order: by captured_at and event_id. Sorting a list afterwards costs a sixth of making it in order.
examples as (
    select
        period_granularity,
        period_starts_on,
        cluster_signature,
        list_sort(list(
            { 'captured_at': captured_at, 'event_id': event_id, 'signal_type': signal_type, 'user': pseudo_user }
        )) as examples
    from {{ ref('learning_issue_cluster_examples') }}
    semi join {{ ref('int_issue_clusters__touched_periods') }} using (period_granularity, period_starts_on)
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
        seen.first_seen_at,
        seen.last_seen_at,
        types.signal_type_counts,
        coalesce(examples.examples, []) as examples,
        {{ commonest_first('types.signal_type_counts') }} as signal_types,
        {{ commonest_first('phases.phase_counts') }} as affected_workflow_phases,
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
    inner join seen using (period_granularity, period_starts_on, cluster_signature)
    inner join types using (period_granularity, period_starts_on, cluster_signature)
    left join phases using (period_granularity, period_starts_on, cluster_signature)
    left join examples using (period_granularity, period_starts_on, cluster_signature)
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
