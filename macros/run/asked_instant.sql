{# The var, else what `learning-loop nightly` asks for, else the start of the run. What the command line asks
   for is a function of the run: a changed var would have dbt parse the whole project anew each night. #}
{% macro asked_instant() %}
    {% set asked = var('as_of') or run_query("select run.asked_as_of()").rows[0][0] %}
    {{ return(asked or run_started_at.strftime('%Y-%m-%dT%H:%M:%S.%fZ')) }}
{% endmacro %}
