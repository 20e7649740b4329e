{# The rows of a policy seed with the half-open period [valid_from, valid_to) in which each is in force. #}
{% macro policy_periods(policy, keys=[]) -%}
    select
        * exclude (effective_from, rationale),
        effective_from as valid_from,
        coalesce(
            lead(effective_from) over (
                {% if keys %}partition by {{ keys | join(', ') }} {% endif %}order by effective_from
            ),
            timestamptz 'infinity'
        ) as valid_to
    from {{ policy }}
{%- endmacro %}
