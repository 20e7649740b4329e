{# Whether a candidate of this total is shown; the same expression stands in the command line's trial of rules. #}
{% macro quality_visibility(total, threshold, is_hard_fail) -%}
    case
            when {{ is_hard_fail }} or {{ rounded(total) }} < {{ rounded(threshold ~ ' / 2') }} then 'hidden'
            when {{ rounded(total) }} < {{ rounded(threshold) }} then 'down_ranked'
            else 'shown'
        end
{%- endmacro %}
