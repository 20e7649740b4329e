{# A sum that does not depend on the order of its rows: terms are rounded to 12 decimals and added as integers. A sum of
   doubles differs in its last digits from night to night, and with it what is equal row for row. `times`: how many
   rows of the term one row stands for. #}
{% macro exact_sum(term, where=none, digits=18, times=none) -%}
    sum(cast({{ term }} as decimal({{ digits }}, 12)){% if times %} * {{ times }}{% endif %}){% if where %} filter (where {{ where }}){% endif %}
{%- endmacro %}
