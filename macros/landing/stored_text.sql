{# A stored column as a newer reader would have stored it: a person is a pseudonym already, all else is treated again. #}
{% macro stored_text(column) -%}
    {%- if 'pseudonym' in (column.treat or '') -%} {{ column.name }}
    {%- else -%} {{ treated(column) }}
    {%- endif -%}
{%- endmacro %}
