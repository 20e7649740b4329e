{# A list of texts from a JSON array; null for anything else. #}
{% macro json_list(text) -%}
    case
        when left({{ text }}, 1) = '[' and json_valid({{ text }})
            then [element for element in from_json({{ text }}, '["VARCHAR"]') if element is not null]
    end
{%- endmacro %}
