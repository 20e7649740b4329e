-- What each candidate shows: its state, the proposal that this state speaks of, and whether a promoted one is back.

with

states as (
    select * from {{ ref('int_backlog__steps') }}
    where entry_kind = 'close' and status is not null
),

-- Of a signature its rate decides; of a class that rate, or that it was proposed again.
regressed as (
    select
        candidate_key,
        promoted_at
    from {{ ref('fix_effects') }}
    where is_regressed
    union
    select
        candidate_key,
        promoted_at
    from {{ ref('learning_backlog_regressions') }}
    where source_type != 'issue_cluster'
),

final as (
    select
        states.candidate_key,
        states.status,
        states.status_changed_at,
        states.decided_by,
        states.reopened_count,
        proposals.* exclude (candidate_key, suggested_updates),
        proposals.suggested_updates is not null as is_structured,
        coalesce(proposals.suggested_updates, to_json({
            'invariant_updates': proposals.invariant_updates,
            'policy_updates': proposals.policy_updates,
            'regression_tests': proposals.regression_tests
        })) as suggested_updates,
        regressed.candidate_key is not null as is_regressed
    from states
    inner join {{ ref('learning_backlog_proposals') }} as proposals
        on
            states.candidate_key = proposals.candidate_key
            and states.content.run_id = proposals.run_id
            and states.content.proposal_number = proposals.proposal_number
    left join regressed
        on
            states.candidate_key = regressed.candidate_key
            and case when states.status = 'promoted' then states.status_changed_at end = regressed.promoted_at
)

select * from final
