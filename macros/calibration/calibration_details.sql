{# What else a week says of a stream that is proposed or alerted (JSON). #}
{% macro calibration_details(metrics) -%}
    to_json({
        'calibration_status': {{ metrics }}.status,
        'drift_status': {{ metrics }}.drift_status,
        'drift_delta_brier': {{ metrics }}.drift_delta_brier,
        'recall_high_conf': {{ metrics }}.recall_high_conf,
        'matured_share': {{ metrics }}.matured_share
    })
{%- endmacro %}
