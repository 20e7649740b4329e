{# Whether a candidate of this total is shown; the same expression stands in the command line's trial of rules. #}
{% macro quality_visibility(total, threshold, is_hard_fail) -%}
    case
            when {{ is_hard_fail }} or round({{ total }}, 9) < round({{ threshold }} / 2, 9) then 'hidden'
            when round({{ total }}, 9) < round({{ threshold }}, 9) then 'down_ranked'
            else 'shown'
        end
{%- endmacro %}
