{# The day and the ISO week (UTC) of an instant, one row each: for `unnest`. #}
{% macro period_starts(instant) -%}
    [
        {'period_granularity': 'day', 'period_starts_on': {{ instant }}::date},
        {'period_granularity': 'week', 'period_starts_on': date_trunc('week', {{ instant }})::date}
    ]
{%- endmacro %}
