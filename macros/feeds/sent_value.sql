{# Where a field's text lies in the rows that `typed_rows` has parsed. #}
{% macro sent_value(feed, path) -%}
    {%- set steps = path.split('.') -%}
    {%- if steps | length == 1 -%} sent."{{ path }}"
    {%- else -%} sent_{{ steps[0] }}{% for step in steps[1:] %}."{{ step }}"{% endfor -%}
    {%- endif -%}
{%- endmacro %}
