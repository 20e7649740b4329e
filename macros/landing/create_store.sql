{% macro create_store(store, judged, content) %}
    create table {{ store }} as
    select
        {{ content }},
        source_file,
        0::bigint as row_number,
        0::integer as reader_version,
        0::integer as loaded_in_run,
        false as is_displaced
    from {{ judged }} limit 0
{% endmacro %}
