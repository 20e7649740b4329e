{# What the regression says of a rule. #}
{% macro effect_verdict() -%}
    case
        when effects.rule_key is null or effects.why_not is not null then 'cannot_tell'
        when {{ rounded('effects.q_value') }} > {{ rounded('policy.false_discovery_rate') }} then 'undecided'
        when effects.effect > 0 then 'helped'
        when effects.effect < 0 then 'hurt'
        else 'undecided'
    end
{%- endmacro %}
