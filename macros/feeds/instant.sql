{# An instant, or null when it cannot be read. A text without an offset is UTC: the session's zone. #}
{% macro instant(text) -%}
    case when isfinite(try_cast({{ text }} as timestamptz)) then try_cast({{ text }} as timestamptz) end
{%- endmacro %}
