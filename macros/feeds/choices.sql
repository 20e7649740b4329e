{# The values of a choice: a list, or the column of a seed, {seed: reject_reasons, column: reject_reason_code}; the model
   then says `depends_on` that seed. #}
{% macro choices(column) -%}
    {%- if column.of is mapping -%} select {{ column.of.column }} from {{ ref(column.of.seed) }}
    {%- else -%} '{{ column.of | join("', '") }}'
    {%- endif -%}
{%- endmacro %}
