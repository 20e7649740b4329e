{# Closes tonight's row of nightly_runs, once every node has ended. #}
{% macro finish_run(results) %}
    {% set runs = adapter.get_relation(database=target.database, schema=target.schema, identifier='nightly_runs') %}
    {% if execute and flags.WHICH == 'build' and runs %}
        {% set tests = results | selectattr('node.resource_type', 'in', ['test', 'unit_test']) | list %}
        {% set failed = results | selectattr('status', 'in', ['error', 'fail', 'skipped']) | list %}
        {% do run_query(
            "update " ~ runs ~ " set status = '" ~ ('failed' if failed else 'success')
            ~ "', tests_passed = " ~ (tests | selectattr('status', 'equalto', 'pass') | list | length)
            ~ ", finished_at = '" ~ modules.datetime.datetime.now(modules.pytz.utc).isoformat()
            ~ "' where run_number = (select run_number from scratch.run_context) and status = 'running'"
        ) %}
    {% endif %}
{% endmacro %}
