{# How pressing a cluster is, before it is rounded: its score, and up to so much for its events and people. #}
{% macro cluster_priority(score, event_count, unique_users, weights) -%}
    greatest(0, least(1, {{ score }} + least(
        {{ weights }}.support_bonus_max,
        {{ event_count }} / {{ weights }}.events_reference * {{ weights }}.events_weight
        + {{ unique_users }} / {{ weights }}.users_reference * {{ weights }}.users_weight
    )))
{%- endmacro %}
