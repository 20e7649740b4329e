{# The counts behind the metrics of an epoch, over the tickets for which `condition` holds. #}
{% macro metric_counts(condition='true', suffix='') -%}
    count(*) filter (where {{ condition }}) as n{{ suffix }},
    count(*) filter (where {{ condition }} and is_right) as right_count{{ suffix }},
    count(*) filter (where {{ condition }} and is_fp) as fp{{ suffix }},
    count(*) filter (where {{ condition }} and is_fn) as fn{{ suffix }},
    count(*) filter (where {{ condition }} and gt_label = 'fail') as gt_fail_count{{ suffix }},
    count(*) filter (where {{ condition }} and gt_label = 'pass') as gt_pass_count{{ suffix }}
{%- endmacro %}
