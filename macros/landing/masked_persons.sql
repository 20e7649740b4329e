{# The text of a JSON value with the value of every field for persons replaced, at any depth, after unescaping. #}
{% macro masked_persons(text) -%}
    {%- set named = '(?i:' ~ person_fields().names | join('|') ~ ')' -%}
    regexp_replace(json({{ text }})::varchar, '"({{ named }})":(?:"(?:[^"\\]|\\.)*"|-?[0-9][^,}\]]*|true|false)', '"\1":"[user]"', 'g')
{%- endmacro %}
