{# The days and weeks of a relation's instants for which a policy row is new. A row is for the periods that start under
   it: the week in which it comes keeps the one before. #}
{% macro periods_judged_anew(relation, instant, policies) -%}
    select *
    from ({{ periods_of(relation, instant, instant ~ ' >= ' ~ policy_changed_from(policies)) }})
    where period_starts_on >= {{ policy_changed_from(policies) }}
{%- endmacro %}
