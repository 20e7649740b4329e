{# Each feature of a candidate with what it adds to the logit of a target beside a usual one; null without a model of it.
   What a model was never shown adds nothing. #}
{% macro weighed_features(weights) -%}
    {%- set adds -%}
    coalesce({{ weights }}[f.slot].weight * (f.value - {{ weights }}[f.slot].usual), 0)
    {%- endset -%}
    if({{ weights }} is null, null, [
        {'size': abs({{ adds }}), 'feature': f.feature, 'says': f.says, 'adds': {{ adds }}}
        for f in candidates.features
    ])
{%- endmacro %}
