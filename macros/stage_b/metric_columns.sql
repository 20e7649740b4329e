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
    {{ rate_with_bounds('acc', 'right_count', 'n', suffix) }},
    fp{{ suffix }},
    gt_fail_count{{ suffix }},
    {{ rate_with_bounds('fp_rate', 'fp', 'gt_fail_count', suffix) }},
    fn{{ suffix }},
    gt_pass_count{{ suffix }},
    {{ rate_with_bounds('fn_rate', 'fn', 'gt_pass_count', suffix) }}
{%- endmacro %}

{% macro rate_with_bounds(name, successes, trials, suffix) -%}
    {{ successes }}{{ suffix }} / nullif({{ trials }}{{ suffix }}, 0) as {{ name }}{{ suffix }},
    {{ wilson_lower(successes ~ suffix, trials ~ suffix) }} as {{ name }}_lower{{ suffix }},
    {{ wilson_upper(successes ~ suffix, trials ~ suffix) }} as {{ name }}_upper{{ suffix }}
{%- endmacro %}
