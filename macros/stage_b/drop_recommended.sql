{# Whether to drop a rule. Tickets that are hard because they are wrong can only be misses: until enough of the credited
   were hard for another reason, the counts say nothing about the rule, only about which tickets were counted. A protected
   rule stays. #}
{% macro drop_recommended() -%}
    case
        when protected.is_protected then 'no'
        when hard_beyond_wrong_count < drop_min_hard_beyond_wrong then 'undecided'
        when {{ rounded(rule_confidence()) }} < {{ rounded('drop_confidence') }} and miss_count >= drop_min_misses then 'yes'
        else 'no'
    end
{%- endmacro %}
