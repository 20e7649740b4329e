{# Writes the run's context to scratch.run_context, one row, and sets it as session variables. #}
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
    {% set columns = ["'" ~ invocation_id ~ "' as invocation_id"] %}
    {% for name, type in run_variables().items() %}
        {% do columns.append("'" ~ values[name] ~ "'::" ~ type ~ ' as ' ~ name) %}
        {% do run_query('set variable ' ~ name ~ " = '" ~ values[name] ~ "'::" ~ type) %}
    {% endfor %}
    {% do run_query('create or replace table scratch.run_context as select ' ~ columns | join(', ')) %}
{% endmacro %}
