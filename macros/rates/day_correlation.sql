{# The correlation of decisions within a day, from the rows of `day_moments`; 0 where none shows. A group that does not
   vary tells nothing. #}
{% macro day_correlation() -%}
    coalesce(
        least(greatest(
            {{ exact_sum('distance - variance * base', 'variance > 0', 38) }}
            / nullif({{ exact_sum('variance * slope', 'variance > 0', 38) }}, 0),
            0
        ), 1), 0
    )
{%- endmacro %}
