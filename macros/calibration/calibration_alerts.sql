{# The streams of weekly metrics that are not healthy or have drifted; drift is named first. #}
{% macro calibration_alerts(metrics) -%}
    select
        *,
        case when drift_status = 'drift_alert' then 'drift_alert' else 'underperforming' end as alert_status
    from {{ metrics }}
    where period_granularity = 'week' and (status != 'healthy' or drift_status = 'drift_alert')
{%- endmacro %}
