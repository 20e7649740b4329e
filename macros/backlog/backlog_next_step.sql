{# One step of every key: the next entry that concerns it, whether it is allowed, and the state it leaves. #}
{% macro backlog_next_step(steps, entries, transitions) -%}
    select
        candidate_key, entry_number, step_number, entered_at, entry_kind, entry_id, actor,
        status as status_before, rejected_because, missing_steps, reopened_because,
        next_status as status,
        case when is_change then entered_at else status_changed_at end as status_changed_at,
        case when is_change then actor else decided_by end as decided_by,
        case when is_reopened then null when is_change and entry_kind = 'approve' then entered_at else approved_at end,
        case when is_reopened then null when is_change and entry_kind = 'approve' then actor else approved_by end,
        case when is_reopened then entered_at else reopened_at end,
        reopened_count + is_reopened::bigint,
        case when is_change and entry_kind = 'dismiss' then entered_at else dismissed_at end,
        case when is_change and entry_kind = 'dismiss' then content.priority_score else dismissed_priority_score end,
        case when is_change and entry_kind = 'dismiss' then content.priority else dismissed_priority end,
        case when is_change and entry_kind = 'dismiss' then next_snooze_until else snoozed_until end,
        content
    from (
        select
            *,
            (next_status is distinct from status) as is_change,
            coalesce(next_status = 'candidate' and status is not null and status != 'candidate', false) as is_reopened
        from ({{ backlog_judged_step(steps, entries, transitions) }})
    )
{%- endmacro %}

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

{% macro backlog_rejection(entry, transitions) -%}
    case
        when {{ entry }}.entry_kind in ('run', 'close') then null
        when not {{ entry }}.is_by_approver then 'not_an_approver'
        when {{ entry }}.status is null then 'unknown_candidate'
        when {{ transitions }}.to_status is null then 'not_allowed_when_' || {{ entry }}.status
        when {{ entry }}.entry_kind = 'promote' and len({{ entry }}.missing_steps) > 0 then 'checklist_incomplete'
    end
{%- endmacro %}

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
            {{ backlog_reopened_because('steps', 'entries.proposal') }} as reopened_because,
            row_number() over (partition by steps.candidate_key order by entries.entry_number) as turn
        from {{ steps }} as steps
        inner join {{ entries }} as entries
            on steps.candidate_key = entries.candidate_key
            and steps.entry_number < entries.entry_number
            and (
                entries.entry_kind != 'run'
                or entries.proposal.verdict = 'written'
                and (steps.status is null or {{ backlog_reopened_because('steps', 'entries.proposal') }} is not null)
            )
    )
    where turn = 1
{%- endmacro %}
