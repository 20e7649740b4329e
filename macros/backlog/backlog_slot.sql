{# A proposal's turn for a slot among those that compete for one: the most pressing first, ties by source and key. #}
{% macro backlog_slot(group, competes) -%}
    case when {{ competes }} then row_number() over (
        partition by {{ group }}, {{ competes }} order by priority_score desc, source_type, candidate_key
    ) end
{%- endmacro %}
