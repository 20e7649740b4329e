{# The order of proposals: by priority; ties by events, people and weeks, the more the sooner, then by key. #}
{% macro more_pressing_first() -%}
    priority_score desc, event_count desc nulls last, unique_users desc nulls last, weeks_recurring desc nulls last, candidate_key asc
{%- endmacro %}
