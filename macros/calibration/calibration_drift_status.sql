{# Whether a stream's Brier score rose by the bar since its period before. #}
{% macro calibration_drift_status(delta_brier, policy) -%}
    case
        when {{ delta_brier }} is null then 'insufficient_history'
        when {{ rounded(delta_brier) }} >= {{ policy }}.drift_alert_delta_brier then 'drift_alert'
        else 'stable'
    end
{%- endmacro %}
