{# A period's name: 2026-02-12 for a day, 2026-W07 for an ISO week. #}
{% macro period_key(granularity, starts_on) -%}
    case
        when {{ granularity }} = 'week' then strftime({{ starts_on }}, '%G-W%V') else strftime({{ starts_on }}, '%Y-%m-%d')
    end
{%- endmacro %}
