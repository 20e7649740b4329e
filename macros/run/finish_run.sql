{# Once every node has ended: holds what YAML tests, closes tonight's row of nightly_runs, and keeps the SQL that the
   command line runs again and, where all were, which seeds are loaded. #}
{% macro finish_run(results) %}
    {% set runs = adapter.get_relation(database=target.database, schema=target.schema, identifier='nightly_runs') %}
    {% set failed = results | selectattr('status', 'in', ['error', 'fail', 'skipped']) | list %}
    {% set laws = declared_laws() if execute and not failed else [] %}
    {% do hold(laws) %}
    {% if execute and flags.WHICH == 'build' and runs %}
        {% set tests = results | selectattr('node.resource_type', 'in', ['test', 'unit_test']) | list %}
        {% do run_query(
            "update " ~ runs ~ " set status = '" ~ ('failed' if failed else 'success')
            ~ "', tests_passed = " ~ (tests | selectattr('status', 'equalto', 'pass') | list | length + laws | length)
            ~ ", finished_at = '" ~ modules.datetime.datetime.now(modules.pytz.utc).isoformat()
            ~ "' where run_number = " ~ run_number() ~ " and status = 'running'"
        ) %}
        {% do keep_sql(results) %}
        {% set seeds = graph.nodes.values() | selectattr('resource_type', 'equalto', 'seed') | map(attribute='unique_id') %}
        {% if not seeds | reject('in', selected_resources) | list %}
            {% do run_query('create or replace table operations.loaded_seeds as select run.seeds() as digest') %}
        {% endif %}
    {% endif %}
{% endmacro %}
