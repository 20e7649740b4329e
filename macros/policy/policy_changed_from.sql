{# The earliest instant from which one of these policies says something since the last run that it did not say then:
   periods that start at or after it are computed again. 'infinity' on most nights. #}
{% macro policy_changed_from(policies) -%}
    {%- set sql = "select min(effective_from)::varchar from " ~ ref('policy_log')
        ~ " where policy in ('" ~ policies | join("', '")
        ~ "') and loaded_in_run >= (select run_number from scratch.run_context)" -%}
    {%- set found = run_query(sql).rows[0][0] if execute else none -%}
    timestamptz '{{ found or 'infinity' }}'
{%- endmacro %}
