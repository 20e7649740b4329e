{# What the texts of a class of claims may name, as {names} in seeds/backlog/backlog_texts.csv. #}
{% macro class_facts() -%}
    map {
        'claim_class': claim_class,
        'claim_field': string_split(claim_class, '.')[-1],
        'parser_version': parser_version,
        'calibration_status': coalesce(details ->> '$.calibration_status', 'unknown'),
        'calibration_words': case (details ->> '$.calibration_status')
            when 'monitor' then 'is to be watched'
            when 'degraded' then 'is degraded'
            when 'healthy' then 'is healthy'
            else 'has an unknown status'
        end,
        'drift_status': coalesce(details ->> '$.drift_status', 'unknown'),
        'drift_delta': coalesce({{ shown_number("(details ->> '$.drift_delta_brier')::double") }}, 'unknown'),
        'recall': coalesce({{ shown_number("(details ->> '$.recall_high_conf')::double") }}, 'unknown'),
        'matured_share': coalesce({{ shown_number("(details ->> '$.matured_share')::double") }}, 'unknown'),
        'week': period_key,
        'recurrence': {{ recurrence_in_words() }},
        'trend': trend_data ->> '$.in_words',
        'brier': {{ shown_number('brier_score') }},
        'brier_excess': printf('%+.3f', brier_excess),
        'chance': case evidence
            when 'alarm' then 'Its alarm stands: that is more than chance.'
            when 'within_chance' then 'Its alarm stays under the bar: up to ' || last_period_key
                || ', the last week that has had its time for corrections, chance alone explains what was seen.'
            else 'Whether that is more than chance, its alarm cannot tell yet.'
        end,
        'began_week': coalesce(began_period_key, 'unknown'),
        'claims_since': coalesce(claim_count_since::varchar, 'unknown'),
        'right_since': coalesce(right_count_since::varchar, 'unknown'),
        'expected_since': coalesce(printf('%.0f', expected_right_count_since), 'unknown'),
        'precision': coalesce({{ shown_number('precision_high_conf') }}, 'unknown'),
        'samples': sample_count::varchar
    }
{%- endmacro %}
