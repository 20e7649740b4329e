{# A trend in one sentence; where the interval covers no change, or nothing can be compared, none is claimed. #}
{% macro trend_in_words(trend) -%}
    {%- set ratio = "printf('%.2f', (" ~ trend ~ " ->> '$.ratio')::double)" -%}
    {%- set interval = "printf('%.2f', (" ~ trend ~ " ->> '$.ratio_lower')::double) || ' to ' || coalesce(printf('%.2f', ("
        ~ trend ~ " ->> '$.ratio_upper')::double), 'any')" -%}
    case
        when ({{ trend }} ->> '$.trend') = 'rising'
            then 'Rising: ' || {{ ratio }} || ' times the weeks before (' || {{ interval }} || ')'
        when ({{ trend }} ->> '$.trend') = 'falling'
            then 'Falling: ' || {{ ratio }} || ' times the weeks before (' || {{ interval }} || ')'
        when ({{ trend }} ->> '$.trend') = 'new'
            then 'New against the ' || ({{ trend }} ->> '$.weeks_before')
                || case when ({{ trend }} ->> '$.weeks_before') = '1' then ' week' else ' weeks' end
                || ' before, which had none'
        when {{ ratio }} is not null
            then 'Cannot tell whether it rises or falls: ' || {{ ratio }} || ' times the weeks before (' || {{ interval }} || ')'
        else 'Cannot tell whether it rises or falls: there is nothing to compare with'
    end
{%- endmacro %}
