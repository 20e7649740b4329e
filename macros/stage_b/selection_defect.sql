{# The reason rules of a selection, first that applies. Without a `result` it is a ticket without a winner. #}
{% macro selection_defect() -%}
    case
        {{ stage_b_head_branches() }}
        {{ ticket_branches() }}
        {{ required('epoch', 'line.epoch', 'epoch') }}
        {{ required('global_step', 'line.global_step', 'global_step') }}
        {{ optional('epoch_step', 'line.epoch_step', 'epoch_step') }}
        {{ optional('result is no object', 'result_text', 'result') }}
        {{ optional('result.label_match', 'result.label_match', 'label_match') }}
        {{ optional('result.selected_candidate', 'result.selected_candidate', 'selected_candidate') }}
        {{ optional('result.reflection_cycle', 'result.reflection_cycle', 'reflection_cycle') }}
        {{ optional('result.guidance_step', 'result.guidance_step', 'guidance_step') }}
        {{ optional('result.vote_strength', 'result.vote_strength', 'vote_strength') }}
        {{ optional('result.warnings is no list', 'result.warnings', json_list('result.warnings')) }}
        {{ optional('result.conflict_flag', 'result.conflict_flag', 'is_conflict') }}
        {{ optional('result.low_agreement', 'result.low_agreement', 'has_low_agreement') }}
        {{ optional('result.needs_manual_review', 'result.needs_manual_review', 'needs_manual_review') }}
        {{ optional(
            'result.manual_review_recommended', 'result.manual_review_recommended', 'is_manual_review_recommended'
        ) }}
        {{ optional('result.eligible', 'result.eligible', 'is_eligible') }}
    end
{%- endmacro %}

{# The reason rules of a candidate of a ticket. #}
{% macro trajectory_defect() -%}
    case
        {{ stage_b_head_branches() }}
        {{ ticket_branches() }}
        {{ required('epoch', 'line.epoch', 'epoch') }}
        {{ required('global_step', 'line.global_step', 'global_step') }}
        {{ optional('epoch_step', 'line.epoch_step', 'epoch_step') }}
        {{ required('result', 'result_text', 'result') }}
        {{ required('result.candidate_index', 'result.candidate_index', 'candidate_index') }}
        {{ optional('result.format_ok', 'result.format_ok', 'is_format_ok') }}
        {{ optional('result.label_match', 'result.label_match', 'label_match') }}
    end
{%- endmacro %}
