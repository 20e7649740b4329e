{# Tonight's files that hold rows, with the lines of `judged` that are theirs. #}
{% macro find_file_lines(judged) %}
    create or replace temp table {{ this.identifier }}__files as
    select
        inventory.source_file,
        inventory.is_open_ended,
        inventory.is_settled,
        inventory.reader_version,
        min(line.rowid) as first_line_id,
        max(line.rowid) as last_line_id
    from {{ judged }} as line
    inner join scratch.landing_inventory as inventory
        on line.source_file = inventory.source_file and inventory.feed = '{{ model.config.meta.feed }}'
    group by all
{% endmacro %}
