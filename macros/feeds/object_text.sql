{# The JSON object that a text holds, still as text, or null. Files may carry an object as it is or as a text of it. #}
{% macro object_text(text) -%}
    case when left(ltrim({{ text }}), 1) = '{' and json_valid({{ text }}) then {{ text }} end
{%- endmacro %}
