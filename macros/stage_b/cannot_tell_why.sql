{# Why the regression cannot tell of a rule, as half a sentence. #}
{% macro cannot_tell_why() -%}
    case why_not
        when 'no_evidence_groups' then 'it names no group with tickets'
        when 'all_groups' then 'it speaks about every group, and there is none to compare with'
        when 'few_tickets' then format('its groups have under {} tickets with it or without it', min_tickets)
        when 'same_as_another_rule' then 'another rule is in force in the same groups at the same time'
    end
{%- endmacro %}
