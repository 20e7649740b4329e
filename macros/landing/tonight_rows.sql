{#
  The rows of tonight's files as text, with the place of each in its file, which the reader of Parquet says: one
  read_parquet per feed, over the private copies that the reader of the landing folder wrote. DuckDB wants paths as
  literals, in which signs of patterns are escaped, and they are known only now: so this asks the inventory.
#}
{% macro tonight_rows() %}
    {%- set groups = run_query(
        "select feed, string_agg('''' || replace(regexp_replace(copy, '[\\[*?]', '[\\0]', 'g'), '''', '''''') || '''', ', '"
        ~ " order by source_file) as paths"
        ~ " from " ~ ref('landing_inventory') ~ " where copy is not null group by all order by all"
    ) if execute else none -%}
    select feed, source_file, 1::bigint as row_number, '!' || reason || '!' || error || '!' as raw_row
    from {{ ref('landing_inventory') }}
    where status = 'quarantined'
    {%- for group in (groups.rows if groups else []) %}
    union all
    select '{{ group[0] }}' as feed, source_file, file_row_number + 1 as row_number, line as raw_row
    from read_parquet([{{ group[1] }}], file_row_number = true, hive_partitioning = false)
    {%- endfor %}
{% endmacro %}
