{# A field's typed value from its text: null where it is absent, empty, or not what it is declared to be. #}
{% macro field_value(column, text) -%}
    {%- if column.field == 'instant' -%} {{ instant(text) }}
    {%- elif column.field == 'boolean' -%} try_cast(nullif({{ text }}, '') as boolean)
    {%- elif column.field == 'number' -%}
        {%- set number -%} try_cast(nullif({{ text }}::varchar, '') as double) {%- endset -%}
        {#- A range says of what is no finite number that it lies outside. -#}
        {%- if column.between -%} {{ number }} {%- else -%} case when isfinite({{ number }}) then {{ number }} end {%- endif -%}
    {%- elif column.field == 'integer' -%} {{ whole_number(text) }}
    {%- elif column.field == 'object' -%} {{ object_text(text) }}
    {%- elif column.field == 'list' -%} {{ json_list(text) }}
    {%- elif column.field == 'texts' -%} {{ text_list(text) }}
    {%- elif column.field in ('objects', 'json') -%} {{ text }}
    {%- elif column.field in ('choice', 'word') -%}
        {#- What follows `until` is the sender's own remark. -#}
        {%- set word -%}
            {%- if column.until -%} split_part({{ text }}, '{{ column.until }}', 1) {%- else -%} {{ text }} {%- endif -%}
        {%- endset -%}
        nullif(lower(trim({{ word }})), '')
    {%- elif column.field in ('id', 'text') -%} nullif({{ text }}, '')
    {%- else -%}
        {% do exceptions.raise_compiler_error(
            model.name ~ ": the column " ~ column.name ~ " is declared as field: " ~ column.field ~ ". There are id, text, "
            ~ "choice, word, instant, boolean, number, integer, object, objects, list and texts."
        ) %}
    {%- endif -%}
{%- endmacro %}
