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
