{# The logit of a mean confidence, which is kept off 0 and 1: nothing is that sure. #}
{% macro logit(confidence) -%}
    ln(least(greatest({{ confidence }}, 0.01), 0.99) / (1 - least(greatest({{ confidence }}, 0.01), 0.99)))
{%- endmacro %}
