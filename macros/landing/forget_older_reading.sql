{# A newer reader reads a file again: its rows replace what an older reader made of the same file. #}
{% macro forget_older_reading(store, judged) %}
    delete from {{ store }} as stored
    using {{ judged }} as fresh, scratch.landing_inventory as inventory
    where stored.source_file = fresh.source_file
        and inventory.source_file = fresh.source_file
        and inventory.feed = '{{ model.config.meta.feed }}'
        and stored.reader_version < inventory.reader_version
        and fresh.reason_code is null
        {%- for column in model.config.meta.identity %} and stored.{{ column }} = fresh.{{ column }}{% endfor %}
{% endmacro %}
