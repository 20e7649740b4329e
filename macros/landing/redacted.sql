{# Free text without e-mail addresses and phone numbers. A phone number needs its plus or its usual grouping: a bare
   run of digits is more often an id or a time. #}
{% macro redacted(text) -%}
    regexp_replace(
        regexp_replace({{ text }}, '[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+', '[email]', 'g'),
        '\+\d[\d ().-]{6,17}\d|\(\d{3}\) ?\d{3}[ -]\d{4}|\b\d{3}[ .-]\d{3}[ .-]\d{4}\b', '[phone]', 'g'
    )
{%- endmacro %}
