{# The lower bound at 95 % of the difference p1 - p2 of two rates, from their Wilson bounds (Newcombe 1998, method 10). #}
{% macro difference_lower(k1, n1, k2, n2) -%}
    ({{ k1 }} / {{ n1 }} - {{ k2 }} / {{ n2 }} - sqrt(
        power({{ k1 }} / {{ n1 }} - {{ wilson_lower(k1, n1) }}, 2) + power({{ wilson_upper(k2, n2) }} - {{ k2 }} / {{ n2 }}, 2)
    ))
{%- endmacro %}
