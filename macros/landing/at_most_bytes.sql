{# The beginning of a text, at most so many bytes of UTF-8: each character beyond one byte shortens it by what it is more. #}
{% macro at_most_bytes(text, bytes) -%}
    left({{ text }}, greatest({{ bytes // 4 }}, 2 * {{ bytes }} - strlen(left({{ text }}, {{ bytes }}))))
{%- endmacro %}
