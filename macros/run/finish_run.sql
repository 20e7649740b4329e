{# Once every node has ended: closes tonight's row of nightly_runs, and keeps the SQL that the command line runs again.
   Of a run by several processes the last one closes it, with the tests of all. #}
{% macro finish_run(results) %}
    {% set runs = adapter.get_relation(database=target.database, schema=target.schema, identifier='nightly_runs') %}
    {% if execute and flags.WHICH == 'build' and (runs or part_of_run() != 'whole') %}
        {% set tests = results | selectattr('node.resource_type', 'in', ['test', 'unit_test']) | list %}
        {% set failed = results | selectattr('status', 'in', ['error', 'fail', 'skipped']) | list %}
        {% set passed = tests | selectattr('status', 'equalto', 'pass') | list | length %}
        {% if part_of_run() in ('first', 'middle') %}
            {% do run_query('insert into scratch.tests_of_parts values (' ~ passed ~ ')') %}
        {% else %}
            {% set others = '(select sum(tests_passed) from scratch.tests_of_parts)' if part_of_run() == 'last' else '0' %}
            {% do run_query(
                "update " ~ runs ~ " set status = '" ~ ('failed' if failed else 'success')
                ~ "', tests_passed = " ~ passed ~ ' + ' ~ others
                ~ ", finished_at = '" ~ modules.datetime.datetime.now(modules.pytz.utc).isoformat()
                ~ "' where run_number = " ~ run_number() ~ " and status = 'running'"
            ) %}
        {% endif %}
        {% do keep_sql(results) %}
    {% endif %}
{% endmacro %}
