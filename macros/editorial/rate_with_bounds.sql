{# A rate with its Wilson bounds, three columns; null without trials. #}
{% macro rate_with_bounds(successes, trials, name) -%}
    {{ successes }} / nullif({{ trials }}, 0) as {{ name }},
        {{ wilson_lower(successes, trials) }} as {{ name }}_lower,
        {{ wilson_upper(successes, trials) }} as {{ name }}_upper
{%- endmacro %}
