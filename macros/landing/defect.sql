{# One finding of a reason rule. The detail names the field, never its value: a value may be a person's. #}
{% macro defect(reason_code, detail) -%}
    {'reason_code': '{{ reason_code }}', 'detail': '{{ detail }}'}
{%- endmacro %}

{# What the check before reading found in a line or file that could not be read (macro row_defect). #}
{% macro row_defect_detail(raw_row) -%}
    nullif({{ redacted("regexp_extract(" ~ raw_row ~ ", '^![a-z0-9_]+!([^!]*)!', 1)") }}, '')
{%- endmacro %}
