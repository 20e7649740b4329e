{# A newer reader cannot read a file that is gone: what is stored of it loses the addresses that an older reader left. Only
   in a full refresh, which every change of a reader is, since all that was computed from the rows must follow. #}
{% macro redact_vanished(store) %}
    update {{ store }} set
        {%- for column in declared_feed().columns if column.field in ('id', 'text', 'word', 'object', 'json', 'list', 'texts') %}
        {{ column.name }} = {{ stored_text(column) }},
        {%- endfor %}
        reader_version = {{ model.config.meta.reader_version }}
    where reader_version < {{ model.config.meta.reader_version }}
        and source_file not in (
            select source_file from scratch.landing_inventory where feed = '{{ model.config.meta.feed }}'
        )
{% endmacro %}
