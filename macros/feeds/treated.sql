{#
  A column as it is stored. `treat: pseudonym` and `pseudonym_unless_hashed` are for persons, `redact` for free text; a
  decider signs, and stays as written (`signed`). E-mail addresses leave every other text, keys and versions included;
  `if_any` is a column that says whether the row can hold one at all.
#}
{% macro treated(column, if_any=none) -%}
    {%- set name, kind = column.name, column.stored or column.field -%}
    {%- if column.treat == 'pseudonym' -%} {{ pseudonym(name) }}
    {%- elif column.treat == 'pseudonym_unless_hashed' -%} {{ pseudonym_unless_hashed(name) }}
    {%- elif column.treat == 'signed' -%} {{ name }}
    {%- elif column.treat == 'redact' -%} {{ redacted(name) }}
    {%- elif kind in ('id', 'text', 'word', 'object', 'json', 'list', 'texts', 'objects') -%}
        {%- set cleaned -%}
            {%- if kind in ('id', 'text', 'word') -%} {{ without_addresses(name) }}
            {%- elif kind in ('object', 'json') -%} {{ without_addresses(name, is_json=true) }}
            {%- elif kind in ('list', 'texts') -%} [{{ without_addresses('element') }} for element in {{ name }}]
            {%- else -%}
                from_json({{ without_addresses('to_json(' ~ name ~ ')::varchar', is_json=true) }}, '{{ tojson(column.elements) }}')
            {%- endif -%}
        {%- endset -%}
        {%- if if_any -%} case when {{ if_any }} then {{ cleaned }} else {{ name }} end {%- else -%} {{ cleaned }} {%- endif -%}
    {%- else -%} {{ name }}
    {%- endif -%}
{%- endmacro %}
