{# Which part of a run this invocation of dbt builds: `whole`, or of a run by several processes `first`, `middle`, `last`. #}
{% macro part_of_run() %}
    {{ return(run_query("select coalesce(run.part(), 'whole')").rows[0][0]) }}
{% endmacro %}
