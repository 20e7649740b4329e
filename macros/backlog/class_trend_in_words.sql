{# The trend of a class in one sentence; where the interval covers no change, none is claimed. #}
{% macro class_trend_in_words(trend) -%}
    {%- set wrong = "printf('%.0f %%', 100 * (" ~ trend ~ " ->> '$.wrong_share')::double)" -%}
    {%- set before = "printf('%.0f %%', 100 * (" ~ trend ~ " ->> '$.wrong_share_before')::double)" -%}
    case ({{ trend }} ->> '$.trend')
        when 'rising' then 'Wrong more often: '
        when 'falling' then 'Wrong less often: '
        else 'Cannot tell whether it gets worse or better: '
    end
    || coalesce(
        {{ wrong }} || ' of the claims wrong, ' || {{ before }}
        || ' in the weeks before (difference ' || printf('%+.0f', 100 * ({{ trend }} ->> '$.difference_lower')::double)
        || ' to ' || printf('%+.0f', 100 * ({{ trend }} ->> '$.difference_upper')::double) || ' points)',
        'there is nothing to compare with'
    )
{%- endmacro %}
