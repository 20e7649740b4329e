{# What the change is expected to do to the rate: of what stays, against all as it is; of a group alone, its rate. #}
{% macro tuning_effect(fold) -%}
    {%- set all_rate = '(' ~ fold ~ '_in_successes + ' ~ fold ~ '_out_successes) / nullif(' ~ fold ~ '_in_count + '
        ~ fold ~ '_out_count, 0)' -%}
    {%- set effect -%}
    case test
        when 'better' then {{ fold }}_in_successes / nullif({{ fold }}_in_count, 0) - {{ all_rate }}
        when 'worse' then {{ fold }}_out_successes / nullif({{ fold }}_out_count, 0) - {{ all_rate }}
        else {{ fold }}_in_successes / nullif({{ fold }}_in_count, 0)
    end
    {%- endset -%}
    {{ rounded(effect) }}
{%- endmacro %}
