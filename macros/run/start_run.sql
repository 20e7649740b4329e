{# Fixes the run's context, so that every model sees the same, and lays down what the night's steps write to. #}
{% macro start_run() %}
    {% if execute and flags.WHICH in ('build', 'run', 'seed', 'test') and part_of_run() in ('whole', 'first') %}
        {% do run_query('create schema if not exists scratch') %}
        {% do run_query(create_is_too_deep()) %}
        {% do run_query(create_iso_instant()) %}
        {% do declare_feeds() %}
        {% do load_erased() %}
        {% set last = last_success() %}
        {% set run_id = asked_instant() %}
        {% if last.as_of and flags.WHICH == 'build' %}{% do refuse_going_back(run_id, last.as_of) %}{% endif %}
        {% do forget_expired(run_id | trim) %}
        {% do fix_run_context(run_id, last) %}
        {% do run_query(
            "create or replace table scratch.landing_quarantine (feed varchar, source_file varchar, row_number bigint,"
            ~ " reason_code varchar, detail varchar, raw_row varchar, about varchar, happened_at timestamptz,"
            ~ " is_of_tonights_read boolean)"
        ) %}
        {% do run_query(
            "create or replace table scratch.landing_counts (feed varchar, source_file varchar, rows_in bigint,"
            ~ " kept bigint, redelivered bigint, ignored bigint, quarantined bigint, has_open_line boolean)"
        ) %}
        {% if part_of_run() == 'first' %}
            {% do run_query('create or replace table scratch.tests_of_parts (tests_passed integer)') %}
            {% do share_run_context() %}
        {% endif %}
    {% elif execute and flags.WHICH == 'build' %}
        {% do take_run_context() %}
    {% endif %}
{% endmacro %}
