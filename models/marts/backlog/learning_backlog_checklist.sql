-- Where each candidate stands on the way to a promoted issue, one row per step. Auto steps are complete while the
-- content has their part; a reopening clears the manual ones.

with

states as (
    select * from {{ ref('int_backlog__steps') }}
    where entry_kind = 'close' and status is not null
),

last_reports as (
    select
        states.candidate_key,
        reports.step_id,
        arg_max(reports, (reports.reported_at, reports.content_hash)) as report
    from states
    inner join {{ ref('int_backlog__step_reports') }} as reports
        on
            states.candidate_key = reports.candidate_key
            and reports.reported_at > coalesce(states.reopened_at, '-infinity')
    group by states.candidate_key, reports.step_id
),

judged as (
    select
        states.candidate_key,
        steps.workflow,
        steps.step_position,
        steps.step_id,
        steps.step_kind,
        steps.title,
        steps.completed_by as completes_by,
        case
            when steps.step_id = 'human_approval_gate' then states.approved_at is not null
            when steps.step_kind = 'auto' then not list_contains(states.content.missing_parts, steps.step_id)
            else coalesce(last_reports.report.is_completed, false)
        end as is_completed,
        case
            when steps.step_id = 'human_approval_gate' then states.approved_at
            when steps.step_kind = 'auto' then states.content.proposed_at
            else last_reports.report.reported_at
        end as reported_at,
        case
            when steps.step_id = 'human_approval_gate' then states.approved_by
            else last_reports.report.reported_by
        end as reported_by,
        last_reports.report.evidence
    from states
    cross join {{ ref('promotion_steps') }} as steps
    left join last_reports
        on states.candidate_key = last_reports.candidate_key and steps.step_id = last_reports.step_id
),

final as (
    select
        candidate_key,
        step_position,
        step_id,
        step_kind,
        title,
        completes_by,
        case when is_completed then 'completed' else 'pending' end as status,
        case when is_completed then reported_at end as completed_at,
        reported_by,
        evidence,
        workflow
    from judged
)

select * from final
