-- The decisions that changed nothing, each with the rule that refused it and what was missing.

with

refused as (
    select * from {{ ref('int_backlog__steps') }}
    where rejected_because is not null
),

decisions as (
    select * from {{ ref('int_backlog__decisions') }}
),

final as (
    select
        decisions.decision_id,
        decisions.candidate_key,
        decisions.decision,
        decisions.actor,
        decisions.decided_at,
        decisions.reason,
        refused.status as status_then,
        refused.rejected_because as reason_code,
        case when refused.rejected_because = 'checklist_incomplete' then refused.missing_steps end as missing_steps,
        decisions.recorded_by
    from refused
    inner join decisions
        on refused.candidate_key = decisions.candidate_key and refused.entry_id = decisions.decision_id
)

select * from final
