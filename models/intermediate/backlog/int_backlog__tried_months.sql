-- Month by month, and over all: what the backlog showed and what it would have shown, and what people made of it. Of
-- what nobody decided on, nobody knows whether it was worth a look: a precision is a range, from all of it wrong to all
-- of it right.

{{ config(materialized='view', schema='scratch') }}

with

verdicts as (
    select
        *,
        unnest([strftime(proposed_at, '%Y-%m'), 'all']) as month
    from {{ ref('int_backlog__tried_verdicts') }}
    where verdict_then = 'written' or verdict_now = 'written'
),

shown as (
    select
        month,
        candidate_key,
        bool_or(verdict_then = 'written') as is_then,
        bool_or(verdict_now = 'written') as is_now,
        min(proposed_at) as first_shown_at
    from verdicts
    group by month, candidate_key
),

-- What came of it since: a promotion; a dismissal that stands; else nobody knows yet.
outcomes as (
    select
        shown.*,
        coalesce(bool_or(history.status = 'promoted'), false) as is_promoted,
        not is_promoted
        and coalesce(max_by(history.status, history.state_number), 'candidate') != 'dismissed' as is_unknown,
        count(history.decision_id) = 0 as is_undecided
    from shown
    left join {{ ref('learning_backlog_history') }} as history
        on shown.candidate_key = history.candidate_key and shown.first_shown_at <= history.entered_at
    group by all
),

counted as (
    select
        month,
        count(*) filter (where is_then) as shown_then,
        count(*) filter (where is_now) as shown_now,
        count(*) filter (where is_then and is_now) as kept,
        count(*) filter (where is_then and not is_now) as lost,
        count(*) filter (where is_then and not is_now and is_promoted) as lost_promoted,
        count(*) filter (where is_now and not is_then) as new,
        count(*) filter (where is_now and not is_then and is_undecided) as new_undecided,
        count(*) filter (where is_then and is_promoted) as promoted_then,
        count(*) filter (where is_now and is_promoted) as promoted_now,
        count(*) filter (where is_then and is_unknown) as unknown_then,
        count(*) filter (where is_now and is_unknown) as unknown_now
    from outcomes
    group by month
),

final as (
    select
        month,
        shown_then,
        shown_now,
        kept,
        lost,
        lost_promoted,
        new,
        new_undecided,
        {{ precision_bounds('promoted_then', 'unknown_then', 'shown_then', 'precision_then') }},
        {{ precision_bounds('promoted_now', 'unknown_now', 'shown_now', 'precision_now') }}
    from counted
)

select * from final
