{# Once every node has ended: holds what YAML tests, closes tonight's row of nightly_runs, and keeps the SQL that the
   command line runs again and, where all were, which seeds are loaded. Of a run by several processes the last one holds
   and closes, for all. #}
{% macro finish_run(results) %}
    {% set runs = adapter.get_relation(database=target.database, schema=target.schema, identifier='nightly_runs') %}
    {% set part = part_of_run() if execute else 'whole' %}
    {% set is_last = part in ('whole', 'last') %}
    {% set failed = results | selectattr('status', 'in', ['error', 'fail', 'skipped']) | list %}
    {% set laws = declared_laws() if execute and is_last and not failed else [] %}
    {% do hold(laws) %}
    {% set tests = results | selectattr('node.resource_type', 'in', ['test', 'unit_test']) | list %}
    {% set passed = tests | selectattr('status', 'equalto', 'pass') | list | length + laws | length %}
    {% if execute and flags.WHICH == 'build' and runs %}
        {% if is_last %}
            {% set others = '(select sum(tests_passed) from scratch.tests_of_parts)' if part == 'last' else '0' %}
            {% do run_query(
                "update " ~ runs ~ " set status = '" ~ ('failed' if failed else 'success')
                ~ "', tests_passed = " ~ passed ~ ' + ' ~ others
                ~ ", finished_at = '" ~ modules.datetime.datetime.now(modules.pytz.utc).isoformat()
                ~ "' where run_number = " ~ run_number() ~ " and status = 'running'"
            ) %}
        {% else %}
            {% do run_query('insert into scratch.tests_of_parts values (' ~ passed ~ ')') %}
        {% endif %}
        {% do keep_sql(results) %}
        {% set seeds = graph.nodes.values() | selectattr('resource_type', 'equalto', 'seed') | map(attribute='unique_id') %}
        {% if not seeds | reject('in', selected_resources) | list %}
            {% do run_query('create or replace table operations.loaded_seeds as select run.seeds() as digest') %}
        {% endif %}
    {% endif %}
{% endmacro %}
