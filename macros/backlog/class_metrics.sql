{# What a class of claims shows in, for programs (JSON). #}
{% macro class_metrics() -%}
    to_json({
        'period_key': period_key,
        'brier': brier_score,
        'brier_excess': brier_excess,
        'precision': precision_high_conf,
        'recall': (details ->> '$.recall_high_conf')::double,
        'sample_count': sample_count,
        'calibration_status': details ->> '$.calibration_status',
        'drift_status': details ->> '$.drift_status',
        'drift_delta_brier': (details ->> '$.drift_delta_brier')::double,
        'matured_share': (details ->> '$.matured_share')::double,
        'evidence': evidence,
        'began_period_key': began_period_key,
        'weeks_recurring': weeks_recurring,
        'first_recurred_on': first_recurred_on::varchar,
        'trend': trend_data
    })
{%- endmacro %}
