{# What one decided candidate says on each metric of the effect: for `unnest`. Null where it says nothing. #}
{% macro label_metric_values(label) -%}
    [
        {'metric_name': 'promotion_rate', 'value': {{ label }}.is_promotion::integer::double},
        {'metric_name': 'rejection_rate', 'value': ({{ label }}.action = 'rejected')::integer::double},
        {'metric_name': 'heavy_rewrite_share', 'value': ({{ label }}.rewrite_severity = 'heavy')::integer::double},
        {'metric_name': 'mean_edit_distance', 'value': case when {{ label }}.is_promotion then {{ label }}.edit_distance end},
        {'metric_name': 'duplicate_confirmed_rate', 'value': {{ label }}.duplicate_confirmed::integer::double}
    ]
{%- endmacro %}

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
