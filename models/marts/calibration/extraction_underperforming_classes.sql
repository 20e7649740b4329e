-- The calibration alerts: of the latest week, each stream that is not healthy or has drifted. Drift is named first:
-- a stream that got worse asks for another answer than one that was never good.

with

metrics as (
    select * from {{ ref('extraction_calibration_metrics') }}
    where period_granularity = 'week' and period_starts_on = {{ latest_week() }}
),

final as (
    select
        period_key,
        period_starts_on,
        claim_class,
        parser_version,
        case when drift_status = 'drift_alert' then 'drift_alert' else 'underperforming' end as status,
        brier_score,
        precision_high_conf,
        sample_count,
        to_json({
            'calibration_status': status,
            'drift_status': drift_status,
            'drift_delta_brier': drift_delta_brier,
            'recall_high_conf': recall_high_conf,
            'matured_share': matured_share
        }) as details,
        {{ as_of() }} as computed_at
    from metrics
    where metrics.status != 'healthy' or drift_status = 'drift_alert'
)

select * from final
