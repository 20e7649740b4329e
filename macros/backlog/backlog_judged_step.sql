{# Why a decision changes nothing, and the status after it: what the rules of transitions and promotion say. #}
{% macro backlog_judged_step(steps, entries, transitions) -%}
    select
        next_entries.*,
        {{ backlog_rejection('next_entries', 'transitions') }} as rejected_because,
        case
            when entry_kind = 'close' then status
            when entry_kind = 'run' then 'candidate'
            when {{ backlog_rejection('next_entries', 'transitions') }} is null then transitions.to_status
            else status
        end as next_status
    from ({{ backlog_next_entries(steps, entries) }}) as next_entries
    left join {{ transitions }} as transitions
        on next_entries.status = transitions.from_status and next_entries.entry_kind = transitions.decision
{%- endmacro %}
