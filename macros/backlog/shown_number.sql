{# A share as people read it: three decimals. #}
{% macro shown_number(value) -%}
    printf('%.3f', {{ value }})
{%- endmacro %}
