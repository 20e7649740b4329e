{# The grains of the performance tables: a row of (source, strategy) counts once in each. #}
{% macro performance_grains() -%}
    [
        {'grain': 'source', 'grain_source': source_key, 'grain_strategy': '*'},
        {'grain': 'strategy', 'grain_source': '*', 'grain_strategy': strategy},
        {'grain': 'source_strategy', 'grain_source': source_key, 'grain_strategy': strategy}
    ]
{%- endmacro %}
