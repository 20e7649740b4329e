{#
  The rules that single fields break, the first that applies: what is missing, what is of another type, what is too long,
  unreadable, unknown, out of range. A defect names the sender's field, never its value.
#}
{% macro field_defects(feed, fields) -%}
    case
        {%- for nested in (false, true) %}
        {%- for column in fields if column.required and ('.' in column.path) == nested %}
        when {{ is_read(feed, column) }}{{ column.name if column.field == 'choice' else "nullif(" ~ sent_value(feed, column.path) ~ "::varchar, '')" }} is null
            then {{ defect(column.missing or 'missing_field', column.path) }}
        {%- endfor %}
        {%- for object in (nested_objects(feed) if not nested else []) %}
        {{- object_defects(feed, object) }}
        {%- endfor %}
        {%- endfor %}
        {%- for column in fields %}
        {{- type_defects(feed, column) }}
        {%- endfor %}
        {%- for column in fields %}
        {{- value_defects(feed, column) }}
        {%- endfor %}
    end
{%- endmacro %}
