{# What a proposal measured at one of its guardrails; null where it was not held to it. #}
{% macro measured_at(rails, guardrail) -%}
    [rail.measured for rail in {{ rails }} if rail.guardrail = '{{ guardrail }}'][1]
{%- endmacro %}
