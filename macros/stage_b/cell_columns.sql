{# The hits, tickets and hit rate with its bounds of each cell of a difference in differences. #}
{% macro cell_columns(cells) -%}
    {%- for cell in cells -%}
    uplift.{{ cell }}_hits,
    uplift.{{ cell }}_tickets,
    uplift.{{ cell }}_hits / nullif(uplift.{{ cell }}_tickets, 0) as {{ cell }}_rate,
    {{ wilson_lower('uplift.' ~ cell ~ '_hits', 'uplift.' ~ cell ~ '_tickets') }} as {{ cell }}_rate_lower,
    {{ wilson_upper('uplift.' ~ cell ~ '_hits', 'uplift.' ~ cell ~ '_tickets') }} as {{ cell }}_rate_upper
    {{- ',' if not loop.last }}
    {% endfor -%}
{%- endmacro %}
