{# Why a run that proposes a dismissed key reopens it; null when it stays dismissed. While a snooze runs, never. #}
{% macro backlog_reopened_because(state, proposal) -%}
    case
        when
            {{ state }}.status = 'dismissed'
            and {{ proposal }}.period_starts_on > date_trunc('week', {{ state }}.dismissed_at)::date
            and coalesce({{ state }}.snoozed_until <= {{ proposal }}.proposed_at, true)
            then case
                when {{ state }}.snoozed_until is not null then 'snooze_passed'
                when
                    {{ rounded(proposal ~ '.priority_score - ' ~ state ~ '.dismissed_priority_score') }}
                    >= {{ proposal }}.reopen_min_priority_gain
                    then 'priority_gain'
                when
                    {{ proposal }}.priority < {{ state }}.dismissed_priority
                    and {{ rounded(proposal ~ '.priority_score - ' ~ state ~ '.dismissed_priority_score') }}
                    >= {{ proposal }}.reopen_min_label_gain
                    then 'better_label'
            end
    end
{%- endmacro %}
