{# What names a suggestion, whatever its value is tonight: source, kind and direction. #}
{% macro suggestion_id() -%}
    'ts_' || left(sha256(to_json([source_key, kind, direction])::varchar), 16)
{%- endmacro %}
