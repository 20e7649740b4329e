{# Of another type: an object or a list where a text is due, or a text that is not what the field should be. #}
{% macro type_defects(feed, column) -%}
    {%- set text = sent_value(feed, column.path) -%}
    {%- set words = {'boolean': 'boolean', 'number': 'number', 'integer': 'whole number', 'object': 'object', 'list': 'list'} -%}
    {%- if column.field in ('id', 'text', 'choice', 'word') %}
        when {{ is_read(feed, column) ~ is_no_text(text) if column.until else is_no_text(column.name) }}
            then {{ defect('wrong_type', column.path) }}
    {%- elif column.field in words and column.path not in nested_objects(feed) %}
        when {{ is_read(feed, column) }}nullif({{ text }}::varchar, '') is not null and {{ column.name }} is null
            then {{ defect('wrong_type', column.path ~ ' is no ' ~ words[column.field]) }}
    {%- endif -%}
{%- endmacro %}
