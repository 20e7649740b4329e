{# By how much a fold of the items clears its test, at 95 %: positive when it does, null when it cannot be asked. Two
   groups are compared by the interval of their difference, one alone by the interval of its rate and a bar; what was
   decided on one day counts for what it says together. #}
{% macro tuning_margin(fold) -%}
    {%- set k = '(' ~ fold ~ '_in_successes / ' ~ fold ~ '_in_design_effect)' -%}
    {%- set n = 'nullif(' ~ fold ~ '_in_count / ' ~ fold ~ '_in_design_effect, 0)' -%}
    {%- set k_out = '(' ~ fold ~ '_out_successes / ' ~ fold ~ '_out_design_effect)' -%}
    {%- set n_out = 'nullif(' ~ fold ~ '_out_count / ' ~ fold ~ '_out_design_effect, 0)' -%}
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
