{#
  Why a run that proposes a dismissed key reopens it; null when it stays dismissed. While a snooze runs, never.
  A signature comes back once its rate has risen since the dismissal: the same statistic that tells whether a fix
  worked. A class comes back with its alarm, whose statistic began anew with the dismissal; while the policy asks for no
  alarm, by its priority.
#}
{% macro backlog_reopened_because(faced) -%}
    case
        when
            {{ faced }}.status = 'dismissed'
            and {{ faced }}.last_period_starts_on > date_trunc('week', {{ faced }}.dismissed_at)::date
            and coalesce({{ faced }}.snoozed_until <= {{ faced }}.proposed_at, true)
            then case
                when {{ faced }}.snoozed_until is not null then 'snooze_passed'
                when {{ faced }}.source_type = 'issue_cluster'
                    then case when {{ faced }}.is_risen then 'rate_risen' end
                when len([rail for rail in {{ faced }}.guardrails if rail.guardrail = 'within_chance']) > 0
                    then case when {{ faced }}.early_verdict is null then 'alarm' end
                when
                    {{ rounded(faced ~ '.priority_score - ' ~ faced ~ '.dismissed_priority_score') }}
                    >= {{ faced }}.reopen_min_priority_gain
                    then 'priority_gain'
                when
                    {{ faced }}.priority < {{ faced }}.dismissed_priority
                    and {{ rounded(faced ~ '.priority_score - ' ~ faced ~ '.dismissed_priority_score') }}
                    >= {{ faced }}.reopen_min_label_gain
                    then 'better_label'
            end
    end
{%- endmacro %}
