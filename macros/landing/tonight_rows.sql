{#
  The rows of tonight's files as text, in the order of each file: one read_csv per feed and folder they are read from.
  DuckDB wants paths as literals, and they are known only now: so this asks the inventory. A BOM before a line is none of
  its text: files that were put together have it in their midst. Marks that stand for lines (`!code!detail!`) stand in
  private copies alone: a sender's line that looks like one is a line that is no JSON.
#}
{% macro tonight_rows() %}
    {%- set groups = run_query(
        "select feed, read_root, is_gzip, is_copy,"
        ~ " string_agg('''' || replace(read_pattern, '''', '''''') || '''', ', ' order by source_file) as paths"
        ~ " from " ~ ref('landing_inventory') ~ " where read_pattern is not null group by all order by all"
    ) if execute else none -%}
    select feed, source_file, '!' || reason || '!' || error || '!' as raw_row
    from {{ ref('landing_inventory') }}
    where status = 'quarantined'
    {%- for group in (groups.rows if groups else []) %}
    union all
    select
        '{{ group[0] }}' as feed,
        substr(filename, {{ group[1] | length + 2 }}) as source_file,
        {%- if group[3] %}
        file_row.line as raw_row
        {%- else %}
        case
            when starts_with(file_row.line, '!') or starts_with(file_row.line, chr(65279) || '!')
                then ' ' || ltrim(file_row.line, chr(65279))
            when starts_with(file_row.line, chr(65279)) then substr(file_row.line, 2)
            else file_row.line
        end as raw_row
        {%- endif %}
    from read_csv([{{ group[4] }}], columns = {'line': 'varchar'},
        auto_detect = false, header = false, delim = e'\x01', quote = '', escape = '', comment = '', nullstr = '',
        strict_mode = false, max_line_size = 4194306, hive_partitioning = false,
        compression = '{{ 'gzip' if group[2] else 'none' }}') as file_row
    {%- endfor %}
{% endmacro %}
