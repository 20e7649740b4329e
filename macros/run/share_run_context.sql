{# Writes down what the run knows, for the processes that build its later parts: functions of `run` are of one process. #}
{% macro share_run_context() %}
    {% set columns = [] %}
    {% for name in run_variables() %}{% do columns.append('run.' ~ name ~ '()::varchar as ' ~ name) %}{% endfor %}
    {% do run_query('create or replace table scratch.run_context as select ' ~ columns | join(', ')) %}
{% endmacro %}
