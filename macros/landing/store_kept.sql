{% macro store_kept(store, judged, content) %}
    {%- set ranked = this.identifier ~ '__ranked' -%}
    update {{ store }} set is_displaced = true, loaded_in_run = {{ run_number() }}
    where rowid in (select line_id from {{ ranked }} where not is_new and version_rank > 1);
    insert into {{ store }} by name
    select
        {{ content }},
        line.source_file,
        line.row_number,
        file.version_of_reader as reader_version,
        {{ run_number() }} as loaded_in_run,
        false as is_displaced
    from {{ judged }} as line
    inner join (
        select source_file, reader_version as version_of_reader
        from scratch.landing_inventory where feed = '{{ model.config.meta.feed }}'
    ) as file on line.source_file = file.source_file
    where line.reason_code is null
        and not line.is_ignored
        and line.rowid not in (select line_id from {{ ranked }} where is_new and version_rank > 1)
{% endmacro %}
