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

{# The checklist of a candidate in its steps' order. #}
{% macro backlog_checklist() -%}
    to_json({
        'workflow': max(workflow),
        'steps': list({
            'step_id': step_id,
            'title': title,
            'kind': step_kind,
            'status': status,
            'completed_at': {{ iso_instant('completed_at') }},
            'completed_by': case when status = 'completed' then reported_by end,
            'evidence': evidence
        } order by step_position),
        'auto_completed_steps': count(*) filter (where step_kind = 'auto' and status = 'completed'),
        'auto_total_steps': count(*) filter (where step_kind = 'auto'),
        'completed_steps': count(*) filter (where status = 'completed'),
        'total_steps': count(*)
    })
{%- endmacro %}
