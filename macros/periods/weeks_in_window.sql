{# The weekly rows of a model whose week starts in the trailing window of the policy in force: (as_of - n days, as_of]. #}
{% macro weeks_in_window(model, policy) -%}
    select weekly.*
    from {{ model }} as weekly
    inner join {{ policy }} as policy
        on
            weekly.period_starts_on > {{ as_of() }} - to_days(policy.window_days)
            and weekly.period_starts_on <= {{ as_of() }}
    where weekly.period_granularity = 'week'
{%- endmacro %}
