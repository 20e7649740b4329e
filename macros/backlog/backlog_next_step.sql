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
