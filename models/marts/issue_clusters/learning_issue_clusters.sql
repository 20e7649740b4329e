-- Recurring failures: the buckets of a day or a week that enough events of enough people support, with a score whose
-- four factors stand beside it.

{{ config(
    materialized='incremental',
    pre_hook="{{ forget_touched(ref('int_issue_clusters__touched_periods')) }}"
) }}

with

clusters as (
    select buckets.*
    from {{ ref('int_issue_clusters__buckets') }} as buckets
    semi join {{ ref('int_issue_clusters__touched_periods') }} using (period_granularity, period_starts_on)
    where buckets.verdict = 'cluster'
),

kept_signals as (
    select
        clusters.period_granularity,
        clusters.period_starts_on,
        clusters.cluster_signature,
        clusters.representative_examples,
        signals.event_id,
        signals.captured_at,
        signals.user_id,
        signals.signal_type,
        signals.workflow_phase,
        row_number() over (
            partition by signals.period_granularity, signals.period_starts_on, signals.cluster_signature
            order by signals.captured_at, signals.event_id
        ) as place
    from {{ ref('int_issue_clusters__weighted_signals') }} as signals
    inner join clusters using (period_granularity, period_starts_on, cluster_signature)
    where signals.is_kept
),

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
        ) filter (where place <= representative_examples), []) as examples
    from kept_signals
    group by period_granularity, period_starts_on, cluster_signature
),

-- Commonest first, ties by name: the sort key puts the negative count before the name.
ordered as (
    select
        clusters.*,
        described.* exclude (period_granularity, period_starts_on, cluster_signature),
        {{ commonest_first('described.signal_type_counts') }} as signal_types,
        {{ commonest_first('described.phase_counts') }} as affected_workflow_phases
    from clusters
    inner join described using (period_granularity, period_starts_on, cluster_signature)
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
        {{ as_of() }} as computed_at
    from ordered
)

select * from final
