{# By how much a fold of the items clears its test, at 95 %: positive when it does, null when it cannot be asked. Two
   groups are compared by the interval of their difference, one alone by the interval of its rate and a bar. #}
{% macro tuning_margin(fold) -%}
    {%- set k, n = fold ~ '_in_successes', 'nullif(' ~ fold ~ '_in_count, 0)' -%}
    {%- set k_out, n_out = fold ~ '_out_successes', 'nullif(' ~ fold ~ '_out_count, 0)' -%}
    {%- set margin -%}
    case test
        when 'better' then {{ difference_lower(k, n, k_out, n_out) }}
        when 'worse' then -({{ difference_upper(k, n, k_out, n_out) }})
        when 'over_the_bar' then {{ wilson_lower(k, n) }} - bar
        else bar - {{ wilson_upper(k, n) }}
    end
    {%- endset -%}
    {{ rounded(margin) }}
{%- endmacro %}

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
