{# What a run knows of itself and of the runs before it, with the type of each. Variables of the session: start_run
   writes them down in scratch.run_context, and the dbt plugin sets them on every cursor from there. #}
{% macro run_variables() %}
    {{ return({
        'run_id': 'varchar', 'as_of': 'timestamptz', 'run_number': 'integer', 'touched_since_run': 'integer',
        'previous_as_of': 'timestamptz', 'started_at': 'timestamptz'
    }) }}
{% endmacro %}
