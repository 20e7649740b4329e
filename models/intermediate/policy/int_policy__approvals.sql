-- Who may decide what, and from when on: the one place that says so, for decisions on the backlog (approver), overrides
-- of scores (editor), pauses and erasures (admin). A role is open to everybody, as the row without an actor, until the
-- first row that names somebody for it is in force: what was decided until then stands. A role holds for itself alone:
-- whoever has two has two rows.

with

approvers as (
    select * from {{ ref('approvers') }}
),

roles as (
    select unnest(['approver', 'editor', 'admin']) as role
),

final as (
    select
        roles.role,
        null::varchar as actor,
        timestamptz '-infinity' as valid_from,
        coalesce(min(approvers.effective_from), timestamptz 'infinity') as valid_to
    from roles
    left join approvers on roles.role = approvers.role
    group by roles.role
    union all
    select
        role,
        actor,
        min(effective_from) as valid_from,
        timestamptz 'infinity' as valid_to
    from approvers
    group by role, actor
)

select * from final
