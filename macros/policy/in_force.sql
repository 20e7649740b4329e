{# True when a policy row is in force at an instant or at the start of a day. #}
{% macro in_force(policy, at) -%}
    ({{ at }} >= {{ policy }}.valid_from and {{ at }} < {{ policy }}.valid_to)
{%- endmacro %}
