{# The readers of single fields. Every leaf arrives as text, so that nothing is lost to a silent cast. #}

{# An instant, or null when it cannot be read. A text without an offset is UTC: the session's zone. #}
{% macro instant(text) -%}
    case when isfinite(try_cast({{ text }} as timestamptz)) then try_cast({{ text }} as timestamptz) end
{%- endmacro %}

{# An object or an array where a text was due. A text may start with a bracket; only one that is JSON is no text. #}
{% macro is_no_text(text) -%}
    (left({{ text }}, 1) in ('{', '[') and json_valid({{ text }}))
{%- endmacro %}

{# Null and empty are the same: CSV knows no difference. #}
{% macro blank_as_null(text) -%}
    nullif({{ text }}, '')
{%- endmacro %}
