{#
  What a tracker is handed of a candidate: of what it shows, and of its cluster's examples. It creates no issue:
  approval_required says that a person must. What an earlier version proposed stays as it was proposed, under the number
  of its form.
#}
{% macro backlog_issue_payload(shown, examples) -%}
    to_json({
        'schema_version': case when {{ shown }}.is_structured then 2 else 1 end,
        'approval_required': true,
        'type': 'bug',
        'priority': {{ shown }}.priority,
        'labels': ['learning-loop', {{ shown }}.source_type, {{ shown }}.priority],
        'title': {{ shown }}.title,
        'description': {{ shown }}.description,
        'design': {{ shown }}.design,
        'acceptance_criteria': {{ shown }}.acceptance_criteria,
        'source': {
            'candidate_key': {{ shown }}.candidate_key,
            'source_type': {{ shown }}.source_type,
            'source_ref': {{ shown }}.source_ref,
            'source_period_key': {{ shown }}.source_period_key,
            'priority_score': {{ shown }}.priority_score
        },
        'root_cause_hypothesis': {{ shown }}.root_cause_hypothesis,
        'impacted_metrics': {{ shown }}.impacted_metrics,
        'suggested_updates': {{ shown }}.suggested_updates,
        'promotion_checklist': promotion_checklist,
        'trend': {{ shown }}.trend,
        'examples': coalesce({{ examples }}, [])
    })
{%- endmacro %}
