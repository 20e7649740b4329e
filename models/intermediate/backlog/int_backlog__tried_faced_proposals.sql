-- What each run of the last year would have found of the candidates of its proposals, as int_backlog__tried_proposals
-- has them. What people had decided by then is what they had decided: nobody knows how they would have answered to
-- another list. A row that came late counts from when its decision was made.

{{ config(materialized='view', schema='scratch') }}

with

proposals as (
    select * from {{ ref('int_backlog__tried_proposals') }}
),

-- A run finds what was decided up to it, and what runs before it wrote.
turns as (
    select
        *,
        entered_at + case when entry_kind = 'run' then interval 1 microsecond else interval 0 microsecond end as acts_at
    from {{ ref('learning_backlog_history') }}
),

states as (
    select
        *,
        coalesce(lead(acts_at) over (partition by candidate_key order by state_number), 'infinity') as acts_until
    from turns
),

subjects as (
    select distinct
        candidate_key,
        source_type,
        subject_ref
    from proposals
),

settled as (
    select
        proposals.run_id,
        proposals.proposal_number,
        max(states.status) as subject_status
    from proposals
    inner join subjects using (source_type, subject_ref)
    inner join states
        on
            subjects.candidate_key = states.candidate_key
            and states.status in ('approved', 'promoted')
            and proposals.proposed_at >= states.acts_at
            and proposals.proposed_at < states.acts_until
    group by proposals.run_id, proposals.proposal_number
),

-- Whether the rate of a dismissed signature had risen is known where the run looked, and taken as no where it did not.
final as (
    select
        proposals.* exclude (reopens_because),
        proposals.period_starts_on as last_period_starts_on,
        states.status,
        states.entered_at as dismissed_at,
        states.snooze_until as snoozed_until,
        states.priority_score as dismissed_priority_score,
        states.priority as dismissed_priority,
        settled.subject_status,
        coalesce(proposals.reopens_because = 'rate_risen', false) as is_risen
    from proposals
    left join settled
        on proposals.run_id = settled.run_id and proposals.proposal_number = settled.proposal_number
    left join states
        on
            proposals.candidate_key = states.candidate_key
            and proposals.proposed_at >= states.acts_at
            and proposals.proposed_at < states.acts_until
)

select * from final
