{# The rows of a model that are of the runs computed tonight. #}
{% macro of_touched_runs(model) -%}
    select touching.*
    from {{ model }} as touching
    semi join {{ ref('int_stage_b__touched_runs') }} using (run_id, mission)
{%- endmacro %}
