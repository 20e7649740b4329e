{# How pressing a class of claims is, before it is rounded: how wrong it is, how wrong when sure, how well known that is. #}
{% macro class_priority(classes, status, weights) -%}
    greatest(0, least(
        1,
        {{ weights }}.brier_weight * least(1, {{ classes }}.brier_score / {{ weights }}.brier_reference)
        + {{ weights }}.precision_weight
        * coalesce(1 - {{ classes }}.precision_high_conf, {{ weights }}.precision_if_unknown)
        + {{ weights }}.samples_weight * least(1, {{ classes }}.sample_count / {{ weights }}.samples_reference)
        + case when {{ status }} = 'drift_alert' then {{ weights }}.drift_bonus else 0 end
    ))
{%- endmacro %}
