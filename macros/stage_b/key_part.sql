{# The group (1) or the label (2) that a ticket's key holds (`group_id::gt_label`), for lines that leave them out. #}
{% macro key_part(ticket_key, part) -%}
    nullif(regexp_extract({{ ticket_key }}, '(?s)^(.*)::(pass|fail)$', {{ part }}), '')
{%- endmacro %}
