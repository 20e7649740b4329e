{# What became of a reviewed candidate beside its label. A decision dated before its candidate is a clock out of step: no
   wait at all. needs_work does not end the wait. #}
{% macro outcome_metric_values(reviewed) -%}
    [
        {'metric_name': 'safety_flag_rate', 'value': {{ reviewed }}.has_safety_flag::integer::double},
        {'metric_name': 'compliance_incident_rate', 'value': {{ reviewed }}.has_compliance_incident::integer::double},
        {'metric_name': 'median_hours_to_decision', 'value': case
            when {{ reviewed }}.action != 'needs_work'
                then greatest(0, epoch_us({{ reviewed }}.labelled_at) - epoch_us({{ reviewed }}.created_at)) / 3.6e9
        end}
    ]
{%- endmacro %}
