-- What each run saw of the weeks that start in its window, and why the rest is no cluster. A log.

{{ config(
    materialized='incremental',
    full_refresh=false,
    pre_hook="{{ delete_rows_of_this_run() }}"
) }}

with

policy as ({{ policy_in_force(ref('issue_clusters')) }}
),

weeks as ({{ weeks_in_window(ref('int_issue_clusters__buckets'), 'policy') }}
),

final as (
    select
        {{ run_id() }} as run_id,
        'success' as status,
        (select window_days from policy) as window_days,
        coalesce(sum(total_signals), 0)::bigint as total_signals,
        coalesce(sum(event_count), 0)::bigint as considered_signals,
        count(*) filter (where verdict = 'cluster') as clusters_written,
        coalesce(sum(low_confidence_count), 0)::bigint as filtered_low_confidence,
        count(*) filter (where verdict = 'filtered_min_support') as filtered_min_support,
        count(*) filter (where verdict = 'filtered_unique_users') as filtered_unique_users,
        coalesce(sum(dominance_dropped_count), 0)::bigint as dominance_dropped_events,
        {{ as_of() }} as computed_at
    from weeks
)

select * from final
