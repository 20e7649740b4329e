{# The day and the ISO week (UTC) of an instant, one row each: for `unnest`. #}
{% macro period_starts(instant) -%}
    [
        {'period_granularity': 'day', 'period_starts_on': {{ instant }}::date},
        {'period_granularity': 'week', 'period_starts_on': date_trunc('week', {{ instant }})::date}
    ]
{%- endmacro %}

{# The first day of the touched periods, as a literal, so that a scan skips all that lies before. #}
{% macro touched_from(touched_periods) -%}
    {%- set found = run_query('select min(period_starts_on)::varchar from ' ~ touched_periods).rows[0][0] if execute else none -%}
    date '{{ found or '9999-12-31' }}'
{%- endmacro %}

{# The first day from which a data test looks at all periods: that of tonight's touched ones, or the first of all. #}
{% macro tested_from(touched_periods) -%}
    {{ "date '0001-01-01'" if var('all_tests') else touched_from(touched_periods) }}
{%- endmacro %}
