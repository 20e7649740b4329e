{# An object or an array where a text was due. A text may start with a bracket; only one that is JSON is no text. #}
{% macro is_no_text(text) -%}
    (left({{ text }}, 1) in ('{', '[') and json_valid({{ text }}))
{%- endmacro %}
