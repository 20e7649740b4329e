-- What each run of the bridge did: sums over its verdicts, and a row too for a run that proposed nothing or was
-- switched off. A log. Its instants are the run's as_of: what a night took is in nightly_runs.

{{ config(
    materialized='incremental',
    full_refresh=false,
    pre_hook="{{ delete_rows_of_this_run() }}"
) }}

with

verdicts as (
    select * from {{ ref('learning_backlog_verdicts') }}
),

nights as (
    select
        run_id,
        as_of,
        is_bridge_enabled
    from {{ ref('nightly_runs') }}
    where status in ('success', 'running')
),

logged_before as (
    {{ log_before_tonight('select run_id from nights') }}
),

-- Tonight; and all, should this table be lost.
runs as (
    select
        nights.run_id,
        nights.as_of as proposed_at,
        case when nights.is_bridge_enabled then 'success' else 'skipped' end as status,
        {{ period_key("'week'", latest_week('nights.as_of')) }} as source_period_key
    from nights
    anti join logged_before on nights.run_id = logged_before.run_id
),

counted as (
    {{ backlog_verdict_counts('verdicts') }}
),

final as (
    select
        runs.run_id,
        runs.status,
        runs.source_period_key,
        coalesce(counted.total_cluster_rows, 0) as total_cluster_rows,
        coalesce(counted.total_underperforming_rows, 0) as total_underperforming_rows,
        coalesce(counted.candidates_considered, 0) as candidates_considered,
        coalesce(counted.candidates_written, 0) as candidates_written,
        coalesce(counted.filtered_noise, 0) as filtered_noise,
        coalesce(counted.duplicates_skipped, 0) as duplicates_skipped,
        coalesce(to_json(counted.verdict_counts), '{}') as details,
        runs.proposed_at as started_at,
        runs.proposed_at as completed_at
    from runs
    left join counted on runs.run_id = counted.run_id
)

select * from final
