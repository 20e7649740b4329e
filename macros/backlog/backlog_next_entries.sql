{# The next entry that concerns each key. Only a candidate and a dismissed row take the content that runs brought. #}
{% macro backlog_next_entries(steps, entries) -%}
    select
        candidate_key, entry_number, step_number, entered_at, entry_kind, entry_id, actor, is_by_approver,
        next_snooze_until, status, status_changed_at, decided_by, approved_at, approved_by, reopened_at, reopened_count,
        dismissed_at, dismissed_priority_score, dismissed_priority, snoozed_until, content, reopened_because,
        case
            when entry_kind = 'promote' then {{ backlog_missing_steps() }}
        end as missing_steps
    from (
        select
            steps.* exclude (
                entry_number, step_number, entered_at, entry_kind, entry_id, actor, status_before, rejected_because,
                missing_steps, reopened_because, content
            ),
            entries.entry_number, entries.entered_at, entries.entry_kind, entries.entry_id, entries.actor,
            entries.is_by_approver, entries.snooze_until as next_snooze_until,
            entries.test_completed_at, entries.shadow_passed_at,
            steps.step_number + 1 as step_number,
            case
                when
                    coalesce(steps.status not in ('approved', 'promoted'), true)
                    and entries.latest_content.entry_number > steps.entry_number
                    then entries.latest_content
                else steps.content
            end as content,
            case when steps.status = 'dismissed' then entries.proposal.reopens_because end as reopened_because,
            row_number() over (partition by steps.candidate_key order by entries.entry_number) as turn
        from {{ steps }} as steps
        inner join {{ entries }} as entries
            on steps.candidate_key = entries.candidate_key
            and steps.entry_number < entries.entry_number
            and (
                entries.entry_kind != 'run'
                or entries.proposal.verdict = 'written'
                and (
                    steps.status is null
                    or steps.status = 'dismissed' and entries.proposal.reopens_because is not null
                )
            )
    )
    where turn = 1
{%- endmacro %}
