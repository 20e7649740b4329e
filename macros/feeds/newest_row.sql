{# The newest row of a feed's store that exists for the run: one row, also of an empty store. The first instant of 2000 is
   where Stage-B lines stand that bear no time of their own; nothing older is ever stored. #}
{% macro newest_row(feed, store, instant) -%}
    select
        '{{ feed }}' as feed,
        count(*) as stored_count,
        max({{ instant }}) filter (where {{ instant }} > timestamptz '2000-01-01') as newest_row_at
    from ({{ known_rows(store, instant) }})
{%- endmacro %}
