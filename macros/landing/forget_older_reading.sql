{#
  A newer reader reads a file again: its rows replace all that an older reader made of the same file. A row that is good
  again is stored anew; one that is good no more, or of another instant, is marked as displaced, so that its periods are
  computed again.
#}
{% macro forget_older_reading(store, judged) %}
    {%- set older = "stored.source_file = inventory.source_file and inventory.feed = '" ~ model.config.meta.feed
        ~ "' and inventory.error is null and stored.reader_version < inventory.reader_version" -%}
    delete from {{ store }} as stored
    using {{ judged }} as fresh, scratch.landing_inventory as inventory
    where {{ older }}
        and stored.source_file = fresh.source_file
        and fresh.reason_code is null
        {%- for column in model.config.meta.identity + [model.config.meta.instant] %} and stored.{{ column }} = fresh.{{ column }}{% endfor %};
    update {{ store }} as stored set
        is_displaced = true,
        loaded_in_run = {{ run_number() }},
        reader_version = inventory.reader_version
    from scratch.landing_inventory as inventory
    where {{ older }} and not stored.is_displaced
{% endmacro %}
