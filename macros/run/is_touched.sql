{#
  True for a stored row that the last successful run did not see: stored since then, or passed by as_of only now.
  Literals, not a join with the run context, so that the scan skips all row groups of earlier nights.
#}
{% macro is_touched(instant) -%}
    {%- set context = run_query(
        "select run_number, previous_as_of::varchar, is_full_refresh from scratch.run_context"
    ).rows[0] if execute else [1, none, true] -%}
    {%- if context[2] or context[1] is none -%}
        true
    {%- else -%}
        (loaded_in_run >= {{ context[0] }} or {{ instant }} > timestamptz '{{ context[1] }}')
    {%- endif -%}
{%- endmacro %}

{# In a data test: the rows that the last successful run did not see; all of them with `nightly --all-tests`. #}
{% macro is_tested(instant) -%}
    {{ 'true' if var('all_tests') else is_touched(instant) }}
{%- endmacro %}
