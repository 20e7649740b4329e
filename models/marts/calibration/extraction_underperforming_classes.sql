-- The calibration alerts: of the latest week, each stream that is not healthy or has drifted. Drift is named first:
-- a stream that got worse asks for another answer than one that was never good. A bar on one young week is missed by
-- chance often enough, so beside it stands whether the alarm of the same channel agrees.

with

metrics as (
    select * from {{ ref('extraction_calibration_metrics') }}
    where period_starts_on = {{ latest_week() }}
),

final as (
    {{ calibration_alerts('metrics', ref('extraction_drift_alarms'), as_of()) }}
)

select * from final
