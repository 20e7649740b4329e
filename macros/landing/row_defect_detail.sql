{# What the check before reading found in a line or file that could not be read (macro row_defect). #}
{% macro row_defect_detail(raw_row) -%}
    nullif({{ redacted("regexp_extract(" ~ raw_row ~ ", '^![a-z0-9_]+!([^!]*)!', 1)") }}, '')
{%- endmacro %}
