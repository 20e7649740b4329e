{#
  The rows of tonight's files as text, in the order of each file: one read_csv or read_parquet per feed and form.
  DuckDB wants paths as literals, and they are known only now: so this asks the inventory.
#}
{% macro tonight_rows() %}
    {%- set groups = run_query(
        "select feed, format, read_root, is_gzip,"
        ~ " string_agg('''' || replace(read_pattern, '''', '''''') || '''', ', ' order by source_file) as paths"
        ~ " from " ~ ref('landing_inventory') ~ " where error is null group by all order by all"
    ) if execute else none -%}
    select feed, source_file, '!unreadable_file!' || error || '!' as raw_row
    from {{ ref('landing_inventory') }}
    where error is not null
    {%- for group in (groups.rows if groups else []) %}
    union all
    select
        '{{ group[0] }}' as feed,
        substr(filename, {{ group[2] | length + 2 }}) as source_file,
        {{ 'to_json(file_row)::varchar' if group[1] == 'parquet' else 'file_row.line' }} as raw_row
    from {% if group[1] == 'parquet' %}read_parquet([{{ group[4] }}],
        union_by_name = true, hive_partitioning = false) as file_row
    {%- else %}read_csv([{{ group[4] }}], columns = {'line': 'varchar'},
        auto_detect = false, header = false, delim = e'\x01', quote = '', escape = '', comment = '', nullstr = '',
        strict_mode = false, max_line_size = 4194306, hive_partitioning = false,
        compression = '{{ 'gzip' if group[3] else 'none' }}') as file_row
    {%- endif %}
    {%- endfor %}
{% endmacro %}
