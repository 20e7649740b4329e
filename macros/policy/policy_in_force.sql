{# The row of a policy seed that is in force at as_of; of a keyed one, the row of each key. #}
{% macro policy_in_force(policy, keys=[]) -%}
    select * exclude (valid_from, valid_to)
    from ({{ policy_periods(policy, keys) }}) as policy
    where {{ in_force('policy', as_of()) }}
{%- endmacro %}
