-- Tonight's proposals beside the state of what they are about: settled by a person, dismissed, or in need of a slot.

{{ config(schema='scratch') }}

with

policy as ({{ policy_in_force(ref('backlog')) }}
),

states as (
    select * from {{ ref('int_backlog__steps_before_tonight') }}
    where entry_kind = 'close' and status is not null
),

subjects as (
    select distinct
        candidate_key,
        source_type,
        subject_ref
    from ({{ backlog_proposals_before_tonight() }})
),

-- The same subject under another key (a class that underperformed and now drifts): settled once, it is settled.
settled_subjects as (
    select
        subjects.source_type,
        subjects.subject_ref,
        max(states.status) as status
    from states
    inner join subjects on states.candidate_key = subjects.candidate_key
    where states.status in ('approved', 'promoted')
    group by subjects.source_type, subjects.subject_ref
),

faced as (
    select
        proposals.*,
        policy.max_candidates_per_source,
        policy.max_candidates_per_run,
        policy.reopen_min_priority_gain,
        policy.reopen_min_label_gain,
        states.status,
        states.dismissed_at,
        states.snoozed_until,
        states.dismissed_priority_score,
        states.dismissed_priority,
        settled_subjects.status as subject_status,
        rates.is_risen,
        rates.evidence_worse as evidence_risen,
        rates.evidence_bar,
        {{ as_of() }} as proposed_at
    from {{ ref('int_backlog__proposals') }} as proposals
    cross join policy
    left join states on proposals.candidate_key = states.candidate_key
    left join settled_subjects using (source_type, subject_ref)
    left join {{ ref('int_backlog__rate_verdicts') }} as rates
        on states.candidate_key = rates.candidate_key and states.dismissed_at = rates.settled_at
),

final as (
    select
        *,
        {{ backlog_reopened_because('faced') }} as reopens_because,
        {{ verdict_before_slots() }} as verdict_before_slots
    from faced
)

select * from final
