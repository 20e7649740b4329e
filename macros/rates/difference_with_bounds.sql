{# The difference p1 - p2 of two rates with its bounds, three columns; null where a side has no trials. #}
{% macro difference_with_bounds(k1, n1, k2, n2, name) -%}
    {%- set n1, n2 = 'nullif(' ~ n1 ~ ', 0)', 'nullif(' ~ n2 ~ ', 0)' -%}
    {{ k1 }} / {{ n1 }} - {{ k2 }} / {{ n2 }} as {{ name }},
        {{ difference_lower(k1, n1, k2, n2) }} as {{ name }}_lower,
        {{ difference_upper(k1, n1, k2, n2) }} as {{ name }}_upper
{%- endmacro %}
