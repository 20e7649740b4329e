{# A column as it is stored: `treat: pseudonym` and `pseudonym_unless_hashed` for persons, `redact` for free text. #}
{% macro treated(column) -%}
    {%- if column.treat == 'pseudonym' -%} {{ pseudonym(column.name) }}
    {%- elif column.treat == 'pseudonym_unless_hashed' -%} {{ pseudonym_unless_hashed(column.name) }}
    {%- elif column.treat == 'redact' -%} {{ redacted(column.name) }}
    {%- else -%} {{ column.name }}
    {%- endif -%}
{%- endmacro %}
