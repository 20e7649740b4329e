{# What a tracker is handed of a candidate. It creates no issue: approval_required says that a person must. #}
{% macro backlog_issue_payload() -%}
    to_json({
        'schema_version': 1,
        'approval_required': true,
        'type': 'bug',
        'priority': priority,
        'labels': ['learning-loop', source_type, priority],
        'title': title,
        'description': description,
        'design': design,
        'acceptance_criteria': acceptance_criteria,
        'source': {
            'candidate_key': candidate_key,
            'source_type': source_type,
            'source_ref': source_ref,
            'source_period_key': source_period_key,
            'priority_score': priority_score
        },
        'root_cause_hypothesis': root_cause_hypothesis,
        'impacted_metrics': impacted_metrics,
        'suggested_updates': suggested_updates,
        'promotion_checklist': promotion_checklist
    })
{%- endmacro %}
