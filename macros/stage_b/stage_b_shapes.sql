{# What is read of a ticket's line, apart from its `result`. Every leaf is text: a wrong type is then seen. #}
{% macro ticket_line_shape() -%}
    {
        "mission": "VARCHAR", "ticket_key": "VARCHAR", "group_id": "VARCHAR", "gt_label": "VARCHAR",
        "epoch": "VARCHAR", "epoch_step": "VARCHAR", "global_step": "VARCHAR", "timestamp": "VARCHAR"
    }
{%- endmacro %}

{% macro selection_result_shape() -%}
    {
        "verdict": "VARCHAR", "reason": "VARCHAR", "vote_strength": "VARCHAR", "label_match": "VARCHAR",
        "selected_candidate": "VARCHAR", "guidance_step": "VARCHAR", "reflection_cycle": "VARCHAR",
        "warnings": "VARCHAR", "conflict_flag": "VARCHAR", "needs_manual_review": "VARCHAR",
        "manual_review_recommended": "VARCHAR", "low_agreement": "VARCHAR", "eligible": "VARCHAR",
        "fail_first_exception_phrase": "VARCHAR"
    }
{%- endmacro %}

{% macro candidate_result_shape() -%}
    {
        "candidate_index": "VARCHAR", "verdict": "VARCHAR", "reason": "VARCHAR", "format_ok": "VARCHAR",
        "label_match": "VARCHAR"
    }
{%- endmacro %}

{# The typed head of a ticket's line; `line` is of ticket_line_shape. #}
{% macro ticket_head() -%}
    {{ stage_b_run_id() }} as run_id,
    {{ stage_b_mission() }} as mission,
    nullif(line.mission, '') as line_mission,
    {{ stage_b_row_at('line.timestamp') }} as row_at,
    coalesce(nullif(line.ticket_key, ''), line.group_id || '::' || line.gt_label) as ticket_key,
    coalesce(nullif(line.group_id, ''), {{ key_part('line.ticket_key', 1) }}) as group_id,
    coalesce(nullif(line.gt_label, ''), {{ key_part('line.ticket_key', 2) }}) as gt_label,
    {{ whole_number('line.epoch') }} as epoch,
    {{ whole_number('line.epoch_step') }} as epoch_step,
    {{ whole_number('line.global_step') }} as global_step
{%- endmacro %}
