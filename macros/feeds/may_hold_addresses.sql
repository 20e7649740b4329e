{#
  Whether any text of a row may hold an @ in one of the forms that `without_addresses` looks for: asked once of the row as
  sent, and of its file's name, for all its columns. What JSON escapes may be one.
#}
{% macro may_hold_addresses() -%}
    {%- for text in ('raw_row', 'source_file') -%}
        {%- for form in ('@', '＠', '%40', '&#', '\\u') -%}
            contains({{ text }}, '{{ form }}'){{ '' if loop.last else ' or ' }}
        {%- endfor -%}
        {{ '' if loop.last else ' or ' }}
    {%- endfor -%}
{%- endmacro %}
