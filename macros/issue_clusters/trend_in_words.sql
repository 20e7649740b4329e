{# A week's trend in one sentence; where the interval covers no change, or nothing can be compared, none is claimed. #}
{% macro trend_in_words() -%}
    {%- set compared = "printf('%.2f', trend_ratio) || ' times the weeks before (' || printf('%.2f', trend_ratio_lower) || ' to '"
        ~ " || printf('%.2f', trend_ratio_upper) || ')'" -%}
    case
        when trend = 'rising' then 'Rising: ' || {{ compared }}
        when trend = 'falling' then 'Falling: ' || {{ compared }}
        when trend = 'new' then format(
            'New against the {} before, which had none',
            case when trend_weeks_before = 1 then 'week' else trend_weeks_before || ' weeks' end
        )
        else 'Cannot tell whether it rises or falls: ' || coalesce({{ compared }}, 'there is too little to compare with')
    end
{%- endmacro %}
