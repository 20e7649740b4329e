{# The newest row of every feed that exists for the run: a row a feed, also of an empty store. The first instant of 2000
   is where Stage-B lines stand that bear no time of their own; nothing older is ever stored. #}
{% macro newest_rows() -%}
    {%- set instants = instant_of_feed() if execute else {} %}
    {%- for feed in var('feeds') %}
    {%- set instant = instants.get(feed, 'null') %}
    select
        '{{ feed }}' as feed,
        count(*) as stored_count,
        max({{ instant }}) filter (where {{ instant }} > timestamptz '2000-01-01') as newest_row_at,
        count(distinct loaded_in_run) as loading_runs
    from ({{ known_rows(ref('stg_' ~ feed), instant) }})
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
