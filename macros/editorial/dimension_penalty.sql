{# What the rules that fired take from one dimension of quality, from 0 to 1. #}
{% macro dimension_penalty(dimension) -%}
    least(1, coalesce(list_sum([hit.penalty for hit in hits if hit.dimension = '{{ dimension }}']), 0))::double
{%- endmacro %}
