{# How far a rate lies from another one, as independent trials tell them apart (Kullback and Leibler 1951): the share a of
   successes where b is expected, in nats a trial. #}
{% macro relative_entropy(a, b) -%}
    (
        coalesce({{ a }} * ln(nullif({{ a }}, 0) / {{ b }}), 0)
        + coalesce((1 - {{ a }}) * ln(nullif(1 - {{ a }}, 0) / (1 - {{ b }})), 0)
    )
{%- endmacro %}
