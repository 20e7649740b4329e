{# The grains of the performance tables: a row of (source, strategy) counts once in each. #}
{% macro performance_grains() -%}
    [
        {'grain': 'source', 'source_key': source_key, 'strategy': '*'},
        {'grain': 'strategy', 'source_key': '*', 'strategy': strategy},
        {'grain': 'source_strategy', 'source_key': source_key, 'strategy': strategy}
    ]
{%- endmacro %}
