-- The calibration alerts of the weeks of this run. The mart has those of the latest week; what earlier weeks would have
-- said, their metrics say. Evidence is tonight's, whatever the week.

{{ config(schema='scratch') }}

with

metrics as (
    select * from {{ ref('extraction_calibration_metrics') }}
    semi join {{ ref('int_backlog__weeks') }} using (period_starts_on)
    where period_starts_on < {{ latest_week() }}
),

earlier_alerts as (
    {{ calibration_alerts('metrics', ref('extraction_drift_alarms'), 'alerts.computed_at') }}
),

final as (
    select * from earlier_alerts
    union all by name
    select * from {{ ref('extraction_underperforming_classes') }}
)

select * from final
