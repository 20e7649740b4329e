{# The priority of a logged proposal by weights; of a source that these do not know, the one that was logged. #}
{% macro retried_priority(logged, weights) -%}
    coalesce(
        case {{ logged }}.source_type
            when 'issue_cluster' then {{ cluster_priority(
                logged ~ '.score', logged ~ '.cluster_event_count', logged ~ '.cluster_unique_users', weights
            ) }}
            when 'extraction_calibration' then {{ class_priority(logged, logged ~ '.class_status', weights) }}
        end,
        {{ logged }}.priority_score
    )
{%- endmacro %}
