{# A target's weights by their slots, with what is usual of each; null without a model of it. #}
{% macro slot_weights(target) -%}
    any_value([
        list_filter(versions.weights, lambda w: w.slot = slot)[1]
        for slot in range(1, 340)
    ]) filter (where target = '{{ target }}' and len(versions.weights) > 0)
{%- endmacro %}
