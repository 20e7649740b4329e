{# The Monday of the latest week: the ISO week of as_of (or of another instant) minus 24 hours, whether or not it has rows. #}
{% macro latest_week(at=none) -%}
    date_trunc('week', {{ at or as_of() }} - interval 24 hours)::date
{%- endmacro %}
