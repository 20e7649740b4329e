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
