{# Places (i, j, k), i < j < k, in a prefix of each length up to that of 40 words. #}
{% macro threes_of_prefix() -%}
    select
        prefix.length as prefix_length,
        first.place as i,
        second.place as j,
        third.place as k
    from (select unnest(range(3, 20)) as length) as prefix
    cross join (select unnest(range(1, 20)) as place) as first
    cross join (select unnest(range(1, 20)) as place) as second
    cross join (select unnest(range(1, 20)) as place) as third
    where first.place < second.place and second.place < third.place and third.place <= prefix.length
{%- endmacro %}
