{# The first day of the touched periods. A scalar subquery, not a join: it becomes a filter of the scan, which skips all
   that lies before. #}
{% macro touched_from(touched_periods) -%}
    (select coalesce(min(period_starts_on), date '9999-12-31') from {{ touched_periods }})
{%- endmacro %}
