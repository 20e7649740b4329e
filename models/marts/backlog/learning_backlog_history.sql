-- Every state that a key has had, from the fold, with who or what brought it there.

with

changes as (
    select * from {{ ref('int_backlog__steps') }}
    where status is distinct from status_before
),

decisions as (
    select * from {{ ref('int_backlog__decisions') }}
),

final as (
    select
        changes.candidate_key,
        row_number() over key_steps as state_number,
        changes.status,
        changes.status_before,
        changes.entered_at,
        lead(changes.entered_at) over key_steps as left_at,
        changes.entry_kind,
        changes.actor,
        case when changes.entry_kind = 'run' then changes.entry_id end as run_id,
        decisions.decision_id,
        case when changes.entry_kind = 'run' then changes.reopened_because else decisions.reason end as reason,
        decisions.issue_ref,
        case when changes.status = 'dismissed' then decisions.snooze_until end as snooze_until,
        changes.content.priority_score,
        changes.content.priority
    from changes
    left join decisions
        on
            changes.candidate_key = decisions.candidate_key
            and case when changes.entry_kind != 'run' then changes.entry_id end = decisions.decision_id
    window key_steps as (partition by changes.candidate_key order by changes.step_number)
)

select * from final
