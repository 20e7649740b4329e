-- The calibration alerts: of the latest week, each stream that is not healthy or has drifted. Drift is named first:
-- a stream that got worse asks for another answer than one that was never good. A bar on one young week is missed by
-- chance often enough, so beside it stands whether the alarm of the same channel agrees.

with

metrics as (
    select * from {{ ref('extraction_calibration_metrics') }}
    where period_starts_on = {{ latest_week() }}
),

alerts as (
    {{ calibration_alerts('metrics') }}
),

final as (
    select
        alerts.period_key,
        alerts.period_starts_on,
        alerts.claim_class,
        alerts.parser_version,
        alerts.alert_status as status,
        alerts.brier_score,
        alerts.precision_high_conf,
        alerts.sample_count,
        coalesce(alarms.evidence, 'cannot_tell') as evidence,
        alerts.brier_excess,
        {{ calibration_details('alerts') }} as details,
        {{ as_of() }} as computed_at
    from alerts
    left join {{ ref('extraction_drift_alarms') }} as alarms
        on
            alerts.claim_class = alarms.claim_class
            and alerts.parser_version = alarms.parser_version
            and alerts.alert_status = alarms.status
)

select * from final
