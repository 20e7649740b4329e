{#
  The streams of weekly metrics that are not healthy or have drifted; drift is named first. Whether the alarm of the same
  channel agrees stands beside it.
#}
{% macro calibration_alerts(metrics, alarms, computed_at) -%}
    with

    alerts as (
        select
            *,
            case when drift_status = 'drift_alert' then 'drift_alert' else 'underperforming' end as alert_status
        from {{ metrics }}
        where period_granularity = 'week' and (status != 'healthy' or drift_status = 'drift_alert')
    )

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
        {{ computed_at }} as computed_at
    from alerts
    left join {{ alarms }} as alarms
        on
            alerts.claim_class = alarms.claim_class
            and alerts.parser_version = alarms.parser_version
            and alerts.alert_status = alarms.status
{%- endmacro %}
