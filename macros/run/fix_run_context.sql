{# Makes the run's context the functions of the database `run`, which is in memory and which every connection sees. #}
{% macro fix_run_context(run_id, last) %}
    {% set is_all_touched = flags.FULL_REFRESH or not last.as_of %}
    {% set values = {
        'run_id': run_id | trim,
        'as_of': run_id | trim,
        'run_number': last.run_number + 1,
        'touched_since_run': 0 if is_all_touched else last.run_number + 1,
        'previous_as_of': '-infinity' if is_all_touched else last.as_of,
        'started_at': run_started_at.isoformat()
    } %}
    {% for name, type in run_variables().items() %}
        {% do run_query('create or replace macro run.' ~ name ~ "() as '" ~ values[name] ~ "'::" ~ type) %}
    {% endfor %}
{% endmacro %}
