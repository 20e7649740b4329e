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

{# The steps of the checklist that a promotion lacks. What was reported before a reopening counts no more. #}
{% macro backlog_missing_steps() -%}
    content.missing_parts
    || case when coalesce(test_completed_at > coalesce(reopened_at, '-infinity'), false)
        then [] else ['regression_test_implementation'] end
    || case when coalesce(shadow_passed_at > coalesce(reopened_at, '-infinity'), false)
        then [] else ['shadow_re_evaluation'] end
{%- endmacro %}

{# The auto steps of the checklist whose part a proposal lacks. #}
{% macro backlog_missing_parts() -%}
    [
        step_id
        for step_id in [
            case when coalesce(root_cause_hypothesis, '') = '' then 'root_cause_hypothesis_attached' end,
            case when len(coalesce(invariant_updates, [])) + len(coalesce(policy_updates, [])) = 0
                then 'invariant_policy_mapping' end,
            case when len(coalesce(regression_tests, [])) = 0 then 'regression_test_plan' end
        ]
        if step_id is not null
    ]
{%- endmacro %}
