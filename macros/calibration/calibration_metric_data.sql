{# The bands of confidence of a stream's period, each with its count and the share of it that was right. #}
{% macro calibration_metric_data() -%}
    to_json({
        'high_conf_threshold': high_conf_threshold,
        'medium_conf_threshold': medium_conf_threshold,
        'bands': {
            'high': {'count': high_count, 'precision': high_correct_count / nullif(high_count, 0)},
            'medium': {'count': medium_count, 'precision': medium_correct_count / nullif(medium_count, 0)},
            'low': {'count': low_count, 'precision': low_correct_count / nullif(low_count, 0)}
        },
        'min_samples_for_status': min_samples_for_status
    })
{%- endmacro %}
