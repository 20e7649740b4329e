{# A logarithm of odds within what doubles can hold as odds: what is beyond is beyond doubt. #}
{% macro clipped_odds(log_odds) -%}
    greatest(-600, least(600, {{ log_odds }}))
{%- endmacro %}
