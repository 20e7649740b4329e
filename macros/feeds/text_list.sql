{# A list of texts: from a JSON array, else the text alone, else null. #}
{% macro text_list(text) -%}
    case
        when left(ltrim({{ text }}), 1) = '[' and json_valid({{ text }}) then from_json({{ text }}, '["VARCHAR"]')
        when {{ text }} != '' then [{{ text }}]
    end
{%- endmacro %}
