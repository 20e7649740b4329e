{% macro pseudonym_unless_hashed(user_id) -%}
    case when {{ user_id }} like 'u\_%' escape '\' then {{ user_id }} else {{ pseudonym(user_id) }} end
{%- endmacro %}
