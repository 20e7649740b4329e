{# True for a stored row that the last successful run did not see: stored since then, or passed by as_of only now.
   Of a first run and a full refresh, every row. #}
{% macro is_touched(instant) -%}
    (loaded_in_run >= run.touched_since_run() or {{ instant }} > run.previous_as_of())
{%- endmacro %}
