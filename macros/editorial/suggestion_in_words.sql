{# What a suggestion says, in a few words. #}
{% macro suggestion_in_words(suggestion) -%}
    case {{ suggestion }}.kind || ' ' || {{ suggestion }}.direction
            when 'include_pattern add' then 'include ' || {{ suggestion }}.value
            when 'include_pattern remove' then 'include ' || {{ suggestion }}.value || ' no more'
            when 'exclude_pattern add' then 'exclude ' || {{ suggestion }}.value
            when 'exclude_pattern remove' then 'exclude ' || {{ suggestion }}.value || ' no more'
            when 'selector_priority prefer' then 'prefer the selector ' || {{ suggestion }}.value
            when 'selector_priority demote' then 'try the selector ' || {{ suggestion }}.value || ' last'
            when 'quality_threshold raise' then 'raise the threshold to ' || {{ suggestion }}.value
            when 'quality_threshold lower' then 'lower the threshold to ' || {{ suggestion }}.value
            when 'pause pause' then 'pause it'
            when 'pause resume' then 'let it run again'
            when 'run_frequency less' then 'run it less often'
            when 'run_frequency more' then 'run it more often'
            else 'apply the rule of text ' || {{ suggestion }}.value
        end
{%- endmacro %}
