{# The metrics themselves: each rate after its numerator and denominator, before its bounds; null without tickets. #}
{% macro metric_columns(suffix='') -%}
    n{{ suffix }},
    right_count{{ suffix }},
    {{ rate_with_bounds('right_count' ~ suffix, 'n' ~ suffix, 'acc', suffix) }},
    fp{{ suffix }},
    gt_fail_count{{ suffix }},
    {{ rate_with_bounds('fp' ~ suffix, 'gt_fail_count' ~ suffix, 'fp_rate', suffix) }},
    fn{{ suffix }},
    gt_pass_count{{ suffix }},
    {{ rate_with_bounds('fn' ~ suffix, 'gt_pass_count' ~ suffix, 'fn_rate', suffix) }}
{%- endmacro %}
