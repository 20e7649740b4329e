{# What became of the rows of each of tonight's files, also of those that hold none. #}
{% macro log_counts(judged) %}
    insert into scratch.landing_counts by name
    select
        '{{ model.config.meta.feed }}' as feed,
        inventory.source_file,
        count_if(outcome not in ('blank', 'open'))::bigint as rows_in,
        count_if(outcome = 'kept')::bigint as kept,
        count_if(outcome = 'redelivered')::bigint as redelivered,
        count_if(outcome = 'ignored')::bigint as ignored,
        count_if(outcome = 'quarantined')::bigint as quarantined,
        coalesce(bool_or(outcome = 'open'), false) as has_open_line
    from scratch.landing_inventory as inventory
    left join {{ this.identifier }}__outcomes as outcomes on inventory.source_file = outcomes.source_file
    where inventory.feed = '{{ model.config.meta.feed }}' and inventory.status != 'not_read'
    group by all
{% endmacro %}
