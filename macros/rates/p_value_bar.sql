{# The bar of a family's chances (Benjamini and Hochberg 1995): so many are listed that the worst of them is still below
   the bar that so many make. Columns p_value, rank_of_p_value, judged_count; false_discovery_rate of a table. #}
{% macro p_value_bar(policy, family) -%}
    {{ policy }}.false_discovery_rate / judged_count * greatest(1, max(
            if(p_value <= {{ policy }}.false_discovery_rate * rank_of_p_value / judged_count, rank_of_p_value, 0)
        ) over (partition by {{ family }}))
{%- endmacro %}
