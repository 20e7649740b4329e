{# The upper bound at 95 % of the difference p1 - p2 of two rates, from their Wilson bounds (Newcombe 1998, method 10). #}
{% macro difference_upper(k1, n1, k2, n2) -%}
    ({{ k1 }} / {{ n1 }} - {{ k2 }} / {{ n2 }} + sqrt(
        power({{ wilson_upper(k1, n1) }} - {{ k1 }} / {{ n1 }}, 2) + power({{ k2 }} / {{ n2 }} - {{ wilson_lower(k2, n2) }}, 2)
    ))
{%- endmacro %}
