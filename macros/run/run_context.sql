{# What the run knows of itself and of the runs before it: one row, fixed at the start, so that every model sees the
   same. #}

{% macro start_run() %}
    {% if execute and flags.WHICH in ('build', 'run', 'seed', 'test') %}
        {% do run_query('create schema if not exists scratch') %}
        {% do run_query(create_is_too_deep()) %}
        {% do declare_feeds() %}
        {% do load_erased() %}
        {% set last = last_success() %}
        {% set run_id = asked_instant() %}
        {% if last.as_of and flags.WHICH == 'build' %}{% do refuse_going_back(run_id, last.as_of) %}{% endif %}
        {% do forget_expired(run_id | trim) %}
        {% do run_query(
            "create or replace table scratch.run_context as select '" ~ run_id ~ "' as run_id, timestamptz '" ~ run_id
            ~ "' as as_of, " ~ (last.run_number + 1) ~ "::integer as run_number, "
            ~ ("timestamptz '" ~ last.as_of ~ "'" if last.as_of else "null::timestamptz") ~ " as previous_as_of, "
            ~ (flags.FULL_REFRESH | lower) ~ " as is_full_refresh"
        ) %}
        {% do run_query(
            "create or replace table scratch.landing_quarantine (feed varchar, source_file varchar, row_number bigint,"
            ~ " reason_code varchar, detail varchar, raw_row varchar, is_of_tonights_read boolean)"
        ) %}
        {% do run_query(
            "create or replace table scratch.landing_counts (feed varchar, source_file varchar, rows_in bigint,"
            ~ " kept bigint, redelivered bigint, ignored bigint, quarantined bigint, has_open_line boolean)"
        ) %}
    {% endif %}
{% endmacro %}

{# The var, else what `learning-loop nightly` asks for, else the start of the run. The command line passes its context in
   session variables: a changed var would have dbt parse the whole project anew each night. #}
{% macro asked_instant() %}
    {% set asked = var('as_of') or run_query("select getvariable('learning_loop_as_of')").rows[0][0] %}
    {{ return(asked or run_started_at.strftime('%Y-%m-%dT%H:%M:%S.%fZ')) }}
{% endmacro %}

{% macro last_success() %}
    {% set runs = adapter.get_relation(database=target.database, schema=target.schema, identifier='nightly_runs') %}
    {% if not runs %}{{ return({'run_number': 0, 'as_of': none}) }}{% endif %}
    {% set row = run_query(
        "select coalesce(max(run_number), 0)::integer, max(as_of)::varchar from " ~ runs ~ " where status = 'success'"
    ).rows[0] %}
    {{ return({'run_number': row[0] | int, 'as_of': row[1]}) }}
{% endmacro %}

{% macro refuse_going_back(run_id, last_as_of) %}
    {% if run_query("select timestamptz '" ~ run_id ~ "' < timestamptz '" ~ last_as_of ~ "'").rows[0][0] %}
        {% do exceptions.raise_compiler_error(
            "as_of " ~ run_id ~ " lies before the last run of this file (" ~ last_as_of
            ~ "). History is not rewritten: choose a later instant, or another file."
        ) %}
    {% endif %}
{% endmacro %}

{# The number of this run among the successful ones: rows are stamped with it when they are stored. #}
{% macro run_number() -%}
    {%- if execute -%}{{ run_query('select run_number from scratch.run_context').rows[0][0] }}{%- else -%}1{%- endif -%}
{%- endmacro %}

{# When the run began by the clock: for the log of runs only. Written at the start, since a literal that changes in a
   model's text is a change that dbt sees. #}
{% macro started_at() -%}
    timestamptz '{{ run_started_at.isoformat() if execute else '1970-01-01' }}'
{%- endmacro %}
