{# The rank of a chance among those of its family; of equal ones the last: the frame takes in all peers. #}
{% macro p_value_rank(family) -%}
    count(*) over (
            partition by {{ family }} order by p_value range between unbounded preceding and current row
        )
{%- endmacro %}
