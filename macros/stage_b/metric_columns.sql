{# The counts behind the metrics of an epoch, over the tickets for which `condition` holds. #}
{% macro metric_counts(condition='true', suffix='') -%}
    count(*) filter (where {{ condition }}) as n{{ suffix }},
    count(*) filter (where {{ condition }} and is_right) as right_count{{ suffix }},
    count(*) filter (where {{ condition }} and is_fp) as fp{{ suffix }},
    count(*) filter (where {{ condition }} and is_fn) as fn{{ suffix }},
    count(*) filter (where {{ condition }} and gt_label = 'fail') as gt_fail_count{{ suffix }},
    count(*) filter (where {{ condition }} and gt_label = 'pass') as gt_pass_count{{ suffix }}
{%- endmacro %}

{% macro bucket_counts() -%}
    {%- for bucket in [
        'failure_malformed', 'need_review', 'reflection_malformed', 'low_agreement', 'selection_manual_review', 'none'
    ] -%}
    count(*) filter (where review_bucket = '{{ bucket }}') as {{ bucket }}_count{{ ',' if not loop.last }}
    {% endfor -%}
{%- endmacro %}

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
