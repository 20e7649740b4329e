{# P1, P2 or P3: how pressing, as people say it. #}
{% macro priority_label(priority_score, weights) -%}
    case
        when {{ rounded(priority_score) }} >= {{ weights }}.p1_min then 'P1'
        when {{ rounded(priority_score) }} >= {{ weights }}.p2_min then 'P2'
        else 'P3'
    end
{%- endmacro %}
