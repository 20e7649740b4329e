{# What a cluster shows in, for programs (JSON). #}
{% macro cluster_metrics() -%}
    to_json({
        'period_key': period_key,
        'score': score,
        'score_factors': {
            'frequency': frequency,
            'severity': severity,
            'impact': impact,
            'reproducibility': reproducibility
        },
        'event_count': event_count,
        'unique_users': unique_users,
        'phases': phases,
        'weeks_recurring': weeks_recurring,
        'first_recurred_on': first_recurred_on::varchar,
        'trend': trend_data
    })
{%- endmacro %}
