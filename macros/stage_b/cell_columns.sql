{# The hits, tickets and hit rate with its bounds of each cell of a difference in differences. #}
{% macro cell_columns(cells) -%}
    {%- for cell in cells -%}
    uplift.{{ cell }}_hits,
    uplift.{{ cell }}_tickets,
    {{ rate_with_bounds('uplift.' ~ cell ~ '_hits', 'uplift.' ~ cell ~ '_tickets', cell ~ '_rate') }}
    {{- ',' if not loop.last }}
    {% endfor -%}
{%- endmacro %}
