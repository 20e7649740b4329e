{# A schema is the room's own name (staging, policy …), not a developer's prefix: analysts query these names. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
