{#
  What a tracker is handed of a candidate. It creates no issue: approval_required says that a person must. What an
  earlier version proposed stays as it was proposed, under the number of its form.
#}
{% macro backlog_issue_payload() -%}
    to_json({
        'schema_version': case when is_structured then 2 else 1 end,
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
        'promotion_checklist': promotion_checklist,
        'trend': trend,
        'examples': coalesce(examples, [])
    })
{%- endmacro %}
