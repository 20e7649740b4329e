-- Candidates without a decision, and promoted ones that got worse or came back. A candidate that was ever reopened is
-- one that came back: the last way into this state was the reopening.

with

effects as (
    select
        *,
        format(
            ', and {} in {}: {:.1f} of before ({:.1f} to {:.1f})',
            case effect when 'worse' then 'worse' else 'back' end,
            coalesce(returned_in, decided_in),
            rate_ratio,
            rate_ratio_lower,
            rate_ratio_upper
        ) as in_short
    from {{ ref('fix_effects') }}
    where is_regressed and is_of_current_promotion
),

-- Of a class it is also known that it was proposed again.
regressions as (
    select
        candidate_key,
        max_by(source_period_key, period_starts_on) as latest_period_key,
        any_value(issue_ref) as issue_ref,
        min(first_proposed_at) as came_back_at
    from {{ ref('learning_backlog_regressions') }}
    where is_of_current_promotion
    group by candidate_key
),

undecided as (
    select
        case when reopened_count > 0 then 'reopened_candidate' else 'new_candidate' end as kind,
        candidate_key as item_key,
        title,
        format(
            '{}, priority {:.2f}; seen in {} {}, last {}',
            priority,
            priority_score,
            weeks_recurring,
            case when weeks_recurring = 1 then 'week' else 'weeks' end,
            source_period_key
        ) as detail,
        1::bigint as item_count,
        priority_score::double as urgency,
        status_changed_at as opened_at
    from {{ ref('learning_backlog_candidates') }}
    where status = 'candidate'
),

regressed as (
    select
        'regressed_fix' as kind,
        candidates.candidate_key as item_key,
        candidates.title,
        concat(
            candidates.status,
            coalesce(' as ' || coalesce(effects.issue_ref, regressions.issue_ref), ''),
            coalesce(effects.in_short, ', seen again in ' || regressions.latest_period_key, '')
        ) as detail,
        1::bigint as item_count,
        candidates.priority_score::double as urgency,
        coalesce(effects.regressed_at, regressions.came_back_at) as opened_at
    from {{ ref('learning_backlog_candidates') }} as candidates
    left join effects on candidates.candidate_key = effects.candidate_key
    left join regressions on candidates.candidate_key = regressions.candidate_key
    where candidates.is_regressed and candidates.status in ('approved', 'promoted')
),

final as (
    select * from undecided
    union all
    select * from regressed
)

select * from final
