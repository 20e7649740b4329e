-- Overrides and pauses that changed nothing, because their actor may not decide.

with

final as (
    select
        override_id,
        subject,
        subject_key,
        decision,
        actor,
        created_at,
        override_reason as reason,
        'not_an_approver' as rejection_reason
    from {{ ref('int_editorial__overrides') }}
    where not is_allowed
)

select * from final
