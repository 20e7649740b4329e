{# The first day from which a data test looks at all periods: that of tonight's touched ones, or the first of all. #}
{% macro tested_from(touched_periods) -%}
    {{ "date '0001-01-01'" if var('all_tests') else touched_from(touched_periods) }}
{%- endmacro %}
