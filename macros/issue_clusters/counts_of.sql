{# How many events of each bucket have each value of a column: a map by bucket, in the order of the values. #}
{% macro counts_of(kinds, value, counts) %}
    select
        period_granularity,
        period_starts_on,
        cluster_signature,
        map_from_entries(list_sort(list({ 'key': {{ value }}, 'value': events }))) as {{ counts }}
    from (
        select
            period_granularity,
            period_starts_on,
            cluster_signature,
            {{ value }},
            sum(event_count)::bigint as events
        from {{ kinds }}
        where {{ value }} is not null
        group by all
    )
    group by period_granularity, period_starts_on, cluster_signature
{% endmacro %}
