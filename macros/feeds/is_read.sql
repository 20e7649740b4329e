{# The condition under which a field is read at all, as the head of a longer one. #}
{% macro is_read(feed, column) -%}
    {%- for path, value in (column.when or {}).items() -%}
        {{ sent_value(feed, path) }} = '{{ value }}' and {{ ' ' }}
    {%- endfor -%}
{%- endmacro %}
