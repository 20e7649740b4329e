{# How far a rule can be trusted: the share of hits among what it is credited with. #}
{% macro rule_confidence() -%}
    hit_count / (hit_count + miss_count + confidence_epsilon)
{%- endmacro %}
