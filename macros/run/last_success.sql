{# The number and the instant of the last run that succeeded; 0 and none before the first. #}
{% macro last_success() %}
    {% set runs = adapter.get_relation(database=target.database, schema=target.schema, identifier='nightly_runs') %}
    {% if not runs %}{{ return({'run_number': 0, 'as_of': none}) }}{% endif %}
    {% set row = run_query(
        "select coalesce(max(run_number), 0)::integer, max(as_of)::varchar from " ~ runs ~ " where status = 'success'"
    ).rows[0] %}
    {{ return({'run_number': row[0] | int, 'as_of': row[1]}) }}
{% endmacro %}
