{# An expression over a field that is read only in some rows (`when: {event_type: set.corrected}`), null in others. #}
{% macro applies(feed, column, expression) -%}
    {%- if column.when -%}
        case when {% for path, value in column.when.items() -%}
            {{ ' and ' if not loop.first }}{{ sent_value(feed, path) }} = '{{ value }}'
        {%- endfor %} then {{ expression }} end
    {%- else -%} {{ expression }}
    {%- endif -%}
{%- endmacro %}
