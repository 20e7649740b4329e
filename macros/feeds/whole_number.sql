{# A count or a step from its text; 3.0 is 3, but 3.7 is none: a cast would round it without a word. #}
{% macro whole_number(text) -%}
    case
        when regexp_full_match({{ text }}, '\d{1,12}(\.0+)?') then string_split({{ text }}, '.')[1]::bigint
    end
{%- endmacro %}
