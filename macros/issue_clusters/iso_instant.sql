{# An instant as ISO 8601 text in UTC, as machines expect it in JSON. #}
{% macro iso_instant(instant) -%}
    strftime({{ instant }}, '%Y-%m-%dT%H:%M:%S.%fZ')
{%- endmacro %}
