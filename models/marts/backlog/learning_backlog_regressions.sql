-- Promoted candidates whose cluster or class came back in a week after the promotion, one row per promotion and week.
-- A run that looks at several weeks proposes one of them and logs the others as duplicates: each is a week in which it
-- came back. The class counts under either status: a class that was promoted as underperforming and now drifts has come
-- back.

with

promotions as (
    select * from {{ ref('learning_backlog_history') }}
    where status = 'promoted'
),

proposals as (
    select * from {{ ref('learning_backlog_proposals') }}
    where verdict != 'filtered_noise'
),

subjects as (
    select distinct
        candidate_key,
        source_type,
        subject_ref
    from proposals
),

final as (
    select
        promotions.candidate_key,
        proposals.source_type,
        promotions.entered_at as promoted_at,
        promotions.actor as promoted_by,
        promotions.issue_ref,
        proposals.source_period_key,
        proposals.period_starts_on,
        arg_min(proposals.candidate_key, (proposals.proposed_at, proposals.proposal_number)) as returned_as_key,
        min(proposals.proposed_at) as first_proposed_at,
        arg_min(proposals.run_id, (proposals.proposed_at, proposals.proposal_number)) as first_run_id,
        max(proposals.priority_score) as highest_priority_score,
        promotions.priority_score as promoted_priority_score,
        arg_max(proposals.evidence, (proposals.proposed_at, -proposals.proposal_number)) as evidence,
        bool_and(promotions.left_at is null) as is_of_current_promotion
    from promotions
    inner join subjects on promotions.candidate_key = subjects.candidate_key
    inner join proposals
        on
            subjects.source_type = proposals.source_type
            and subjects.subject_ref = proposals.subject_ref
            and proposals.period_starts_on > date_trunc('week', promotions.entered_at)::date
            and proposals.proposed_at < coalesce(promotions.left_at, 'infinity')
    group by
        promotions.candidate_key, proposals.source_type, promotions.entered_at, promotions.actor, promotions.issue_ref,
        promotions.priority_score, proposals.source_period_key, proposals.period_starts_on
)

select * from final
