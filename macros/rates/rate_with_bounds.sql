{# A rate with its Wilson bounds, three columns; null without trials. #}
{% macro rate_with_bounds(successes, trials, name, suffix='') -%}
    {{ successes }} / nullif({{ trials }}, 0) as {{ name }}{{ suffix }},
        {{ wilson_lower(successes, trials) }} as {{ name }}_lower{{ suffix }},
        {{ wilson_upper(successes, trials) }} as {{ name }}_upper{{ suffix }}
{%- endmacro %}
