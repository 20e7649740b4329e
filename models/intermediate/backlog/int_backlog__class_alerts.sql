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
        alerts.computed_at
    from earlier_alerts as alerts
    left join {{ ref('extraction_drift_alarms') }} as alarms
        on
            alerts.claim_class = alarms.claim_class
            and alerts.parser_version = alarms.parser_version
            and alerts.alert_status = alarms.status
    union all by name
    select * from {{ ref('extraction_underperforming_classes') }}
)

select * from final
