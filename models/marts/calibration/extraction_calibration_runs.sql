-- What each run saw of the weeks that start in its window, and which claims were no samples. A log.

{{ config(
    materialized='incremental',
    full_refresh=false,
    pre_hook="{{ delete_rows_of_this_run() }}"
) }}

with

policy as ({{ policy_in_force(ref('calibration')) }}
),

weeks as ({{ weeks_in_window(ref('int_calibration__stream_counts'), 'policy') }}
),

claims as (
    select
        coalesce(sum(claim_count), 0)::bigint as total_claims,
        coalesce(sum(sample_count), 0)::bigint as considered_claims,
        coalesce(sum(retracted_count), 0)::bigint as filtered_retracted,
        coalesce(sum(no_target_count), 0)::bigint as filtered_no_target
    from weeks
),

streams as (
    select
        count(*) as streams_written,
        count(*) filter (where status = 'healthy') as healthy_count,
        count(*) filter (where status = 'monitor') as monitor_count,
        count(*) filter (where status = 'degraded') as degraded_count,
        count(*) filter (where drift_status = 'drift_alert') as drift_alert_count
    from {{ ref('extraction_calibration_metrics') }}
    where period_granularity = 'week' and period_starts_on in (select period_starts_on from weeks)
),

final as (
    select
        {{ run_id() }} as run_id,
        'success' as status,
        (select window_days from policy) as window_days,
        claims.*,
        streams.*,
        (select count(*) from {{ ref('extraction_underperforming_classes') }}) as underperforming_count,
        {{ as_of() }} as computed_at
    from claims
    cross join streams
)

select * from final
