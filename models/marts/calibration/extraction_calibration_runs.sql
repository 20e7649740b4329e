-- What each run saw of the weeks that start in its window, and which claims were no samples. A log.

{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    pre_hook="{{ delete_rows_of_this_run() }}"
) }}

with

policy as (
    select window_days from ({{ policy_periods(ref('calibration')) }}) as policy
    where {{ in_force('policy', as_of()) }}
),

weeks as (
    select counts.*
    from {{ ref('int_calibration__stream_counts') }} as counts
    inner join policy
        on
            counts.period_starts_on > {{ as_of() }} - to_days(policy.window_days)
            and counts.period_starts_on <= {{ as_of() }}
    where counts.period_granularity = 'week'
),

metrics as (
    select metrics.*
    from {{ ref('extraction_calibration_metrics') }} as metrics
    semi join weeks
        on metrics.period_starts_on = weeks.period_starts_on
    where metrics.period_granularity = 'week'
),

final as (
    select
        {{ run_id() }} as run_id,
        'success' as status,
        (select window_days from policy) as window_days,
        (select coalesce(sum(claim_count), 0)::bigint from weeks) as total_claims,
        (select coalesce(sum(sample_count), 0)::bigint from weeks) as considered_claims,
        (select coalesce(sum(retracted_count), 0)::bigint from weeks) as filtered_retracted,
        (select coalesce(sum(no_target_count), 0)::bigint from weeks) as filtered_no_target,
        (select count(*) from metrics) as streams_written,
        (
            select count(*) from metrics
            where metrics.status = 'healthy'
        ) as healthy_count,
        (
            select count(*) from metrics
            where metrics.status = 'monitor'
        ) as monitor_count,
        (
            select count(*) from metrics
            where metrics.status = 'degraded'
        ) as degraded_count,
        (
            select count(*) from metrics
            where drift_status = 'drift_alert'
        ) as drift_alert_count,
        (select count(*) from {{ ref('extraction_underperforming_classes') }}) as underperforming_count,
        {{ as_of() }} as computed_at
)

select * from final
