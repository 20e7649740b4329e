{# One finding of a reason rule. The detail names the field, never its value: a value may be a person's. #}
{% macro defect(reason_code, detail) -%}
    {'reason_code': '{{ reason_code }}', 'detail': '{{ detail }}'}
{%- endmacro %}
