{# In a later part of a run by several processes: what the first part wrote down becomes the functions of `run`. #}
{% macro take_run_context() %}
    {% set row = run_query('select * from scratch.run_context').rows[0] %}
    {% for name, type in run_variables().items() %}
        {% do run_query('create or replace macro run.' ~ name ~ "() as '" ~ row[name] ~ "'::" ~ type) %}
    {% endfor %}
{% endmacro %}
