{% macro log_counts(judged) %}
    insert into scratch.landing_counts by name
    select
        '{{ model.config.meta.feed }}' as feed,
        source_file,
        count_if(outcome not in ('blank', 'open'))::bigint as rows_in,
        count_if(outcome = 'kept')::bigint as kept,
        count_if(outcome = 'redelivered')::bigint as redelivered,
        count_if(outcome = 'ignored')::bigint as ignored,
        count_if(outcome = 'quarantined')::bigint as quarantined,
        bool_or(outcome = 'open') as has_open_line
    from {{ this.identifier }}__outcomes
    group by all
{% endmacro %}
