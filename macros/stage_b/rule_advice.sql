{# What to do with a rule: what one method says, where the other does not contradict. Protected rules stay. #}
{% macro rule_advice() -%}
    case
        when rules.is_protected then 'keep'
        when list_sort(list_distinct([verdict, uplift_verdict])) = ['helped', 'hurt'] then 'undecided'
        when 'helped' in (verdict, uplift_verdict) then 'keep'
        when 'hurt' in (verdict, uplift_verdict) then 'drop'
        else 'undecided'
    end
{%- endmacro %}
