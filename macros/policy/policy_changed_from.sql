{# The earliest instant from which one of these policies says something since the last run that it did not say then:
   periods that start at or after it are computed again. 'infinity' on most nights. #}
{% macro policy_changed_from(policies) -%}
    (
        select coalesce(min(effective_from), timestamptz 'infinity')
        from {{ ref('policy_log') }}
        where policy in ('{{ policies | join("', '") }}') and loaded_in_run >= {{ run_number() }}
    )
{%- endmacro %}
