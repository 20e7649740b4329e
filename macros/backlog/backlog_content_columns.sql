{# The columns of a proposal that are a candidate's content in the fold, and their types. #}
{% macro backlog_content_columns() %}
    {{ return({
        'run_id': 'varchar', 'proposal_number': 'bigint', 'proposed_at': 'timestamptz', 'priority_score': 'double',
        'priority': 'varchar', 'missing_parts': 'varchar[]'
    }) }}
{% endmacro %}
