{#
  Free text without e-mail addresses and phone numbers. A phone number needs its plus, its 00, a trunk 0 or its usual
  grouping: any other run of digits is more often an id or a time.
#}
{% macro redacted(text, is_json=false) -%}
    regexp_replace(
        {{ without_addresses(text, is_json) }},
        '(?:\+|\b00)\d[\d ()./-]{6,17}\d'
        || '|\(0?\d{1,5}\) ?\d[\d /-]{4,12}\d'
        || '|\b0\d{1,5}[ /.-]\d[\d /.-]{3,12}\d\b|\b0\d{9,11}\b'
        || '|\b\d{3}[ .-]\d{3}[ .-]\d{4}\b|\b[6-9]\d{4}[ -]\d{5}\b',
        '[phone]', 'g'
    )
{%- endmacro %}
