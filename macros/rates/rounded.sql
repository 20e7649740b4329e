{# A double, rounded half away from zero by its decimal digits. Rounded as a double, 0.1234565 goes up in DuckDB 1.5 and down in
   2.0.1, and a sum that ends there goes either way with the order of its terms. Values from a million up ask for 38 digits,
   at ten times the cost. #}
{% macro rounded(value, decimals=9, digits=18) -%}
    round(cast({{ value }} as decimal({{ digits }}, 12)), {{ decimals }})::double
{%- endmacro %}
