{#
  The rules in force, read while the night runs: quality_hits asks each as a branch of its own with a literal parameter,
  for DuckDB compiles a pattern that comes from a column again for every row. `terms` is a blocklist as one pattern, which
  a lower-cased text that holds none of them cannot fit. Empty where the rules are not built: quality_hits asks those from
  their column.
#}
{% macro known_rules(rules) -%}
    {%- set found = namespace(rows=[]) -%}
    {%- set in_force -%}
        select distinct
            field,
            kind,
            '''' || replace(parameter, '''', '''''') || '''' as literal,
            case
                when kind = 'blocklist' then array_to_string([
                    replace(replace(regexp_escape(term), '''', ''''''), '\ ', '[^a-z0-9]+')
                    for term in string_split(parameter, '|')
                ], '|')
            end as terms
        from {{ rules }}
        where parameter is not null
        order by all
    {%- endset -%}
    {%- if execute and load_relation(rules) is not none -%}{%- set found.rows = run_query(in_force).rows -%}{%- endif -%}
    {{ return(found.rows) }}
{%- endmacro %}
