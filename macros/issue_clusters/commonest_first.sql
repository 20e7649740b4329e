{# The keys of a map of counts, the commonest first, ties by name. #}
{% macro commonest_first(counts) -%}
    [entry.name for entry in list_sort([{'rank': -entry.value::bigint, 'name': entry.key} for entry in map_entries({{ counts }})])]
{%- endmacro %}
