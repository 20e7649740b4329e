{#
  The distinct patterns of the rules in force, read while the night runs: in SQL they are literals, which the engine
  compiles once; from a column it would compile each again for every row, at fifty times the cost. Empty where the
  rules are not built: quality_hits asks those from their column.
#}
{% macro rule_patterns(rules) -%}
    {%- set found = namespace(rows=[]) -%}
    {%- if execute and load_relation(rules) is not none -%}
        {%- set found.rows = run_query(
            "select distinct field, kind, '''' || replace(parameter, '''', '''''') || '''' as literal from " ~ rules
            ~ " where kind in ('pattern', 'url_pattern') order by all"
        ).rows -%}
    {%- endif -%}
    {{ return(found.rows) }}
{%- endmacro %}
