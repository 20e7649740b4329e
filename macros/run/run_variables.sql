{# What a run knows of itself and of the runs before it, with the type of each: `run.as_of()` and so on in SQL. #}
{% macro run_variables() %}
    {{ return({
        'run_id': 'varchar', 'as_of': 'timestamptz', 'run_number': 'integer', 'touched_since_run': 'integer',
        'previous_as_of': 'timestamptz', 'started_at': 'timestamptz'
    }) }}
{% endmacro %}
