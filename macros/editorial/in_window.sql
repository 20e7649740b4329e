{# The trailing windows in force, for a cross join, and whether an instant lies in one: (as_of - n days, as_of]. #}
{% macro performance_windows() -%}
    select window_days from ({{ policy_periods(ref('performance_windows'), ['window_days']) }}) as policy
    where {{ in_force('policy', as_of()) }}
{%- endmacro %}

{% macro in_window(instant) -%}
    ({{ instant }} > {{ as_of() }} - to_days(window_days) and {{ instant }} <= {{ as_of() }})
{%- endmacro %}

{# The grains of the performance tables: a row of (source, strategy) counts once in each. #}
{% macro performance_grains() -%}
    [
        {'grain': 'source', 'grain_source': source_key, 'grain_strategy': '*'},
        {'grain': 'strategy', 'grain_source': '*', 'grain_strategy': strategy},
        {'grain': 'source_strategy', 'grain_source': source_key, 'grain_strategy': strategy}
    ]
{%- endmacro %}
