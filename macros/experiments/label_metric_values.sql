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
