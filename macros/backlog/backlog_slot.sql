{# A proposal's turn for a slot among those that compete for one: the most pressing first. #}
{% macro backlog_slot(group, competes) -%}
    case when {{ competes }} then row_number() over (
        partition by {{ group }}, {{ competes }} order by {{ more_pressing_first() }}
    ) end
{%- endmacro %}
