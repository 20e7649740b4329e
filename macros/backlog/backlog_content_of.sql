{# What the fold must know of the content that a candidate shows: which proposal it is, and what a decision asks of it. #}
{% macro backlog_content_of(entry_number, proposal) -%}
    case when {{ entry_number }} is not null then {
        'entry_number': {{ entry_number }}::bigint
        {%- for column, type in backlog_content_columns().items() %},
        '{{ column }}': {{ 'null' if proposal == 'null' else proposal ~ '.' ~ column }}::{{ type }}
        {%- endfor %}
    } end
{%- endmacro %}
