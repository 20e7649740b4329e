{# What a change must show: that what it touches is promoted more or less often than the rest of its source, or that its
   rate lies over or under a bar. #}
{% macro tuning_test(change) -%}
    case
        when {{ change }}.kind = 'include_pattern' then if({{ change }}.direction = 'add', 'better', 'worse')
        when {{ change }}.kind = 'exclude_pattern' then if({{ change }}.direction = 'add', 'worse', 'better')
        when {{ change }}.kind = 'selector_priority' then if({{ change }}.direction = 'prefer', 'better', 'worse')
        when {{ change }}.kind = 'quality_threshold' and {{ change }}.direction = 'raise' then 'worse'
        when {{ change }}.direction in ('pause', 'less') then 'under_the_bar'
        else 'over_the_bar'
    end
{%- endmacro %}
