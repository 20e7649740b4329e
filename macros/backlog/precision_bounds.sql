{# The share that was promoted of what was shown, as bounds; a point only where an answer to each is known. #}
{% macro precision_bounds(promoted, unknown, shown, name) -%}
    {{ rounded(promoted ~ ' / nullif(' ~ shown ~ ', 0)', 6) }} as {{ name }}_lower,
    {{ rounded('(' ~ promoted ~ ' + ' ~ unknown ~ ') / nullif(' ~ shown ~ ', 0)', 6) }} as {{ name }}_upper,
    case when {{ unknown }} = 0 then {{ rounded(promoted ~ ' / nullif(' ~ shown ~ ', 0)', 6) }} end as {{ name }}
{%- endmacro %}
