{# The examples of a cluster in their order, as an issue hands them on. #}
{% macro backlog_examples() -%}
    list({
        'event_id': event_id,
        'captured_at': {{ iso_instant('captured_at') }},
        'signal_type': signal_type,
        'issue_type': issue_type,
        'invariant_id': invariant_id,
        'agent_version': agent_version,
        'workflow_phase': workflow_phase,
        'modality': modality,
        'confidence_band': confidence_band,
        'attributes': attributes
    } order by example_number)
{%- endmacro %}
