-- How often each candidate was seen: in weeks, since a week's seven nights see the same events. What was proposed while
-- a key was approved or promoted does not count: of a settled row a run changes nothing. A week that a run logs as a
-- duplicate of another week's proposal was seen as well.

with

states as (
    select * from {{ ref('int_backlog__steps') }}
    where entry_kind = 'close' and status is not null
),

settled_periods as (
    select * from {{ ref('learning_backlog_history') }}
    where status in ('approved', 'promoted')
),

proposals as (
    select * from {{ ref('learning_backlog_proposals') }}
    where verdict != 'filtered_noise'
),

seen as (
    select proposals.*
    from proposals
    anti join settled_periods
        on
            proposals.candidate_key = settled_periods.candidate_key
            and proposals.proposed_at >= settled_periods.entered_at
            and proposals.proposed_at < coalesce(settled_periods.left_at, 'infinity')
),

final as (
    select
        states.candidate_key,
        min(seen.proposed_at) as first_seen_at,
        max(seen.proposed_at) as last_seen_at,
        count(distinct seen.period_starts_on) as times_seen,
        -- Whole weeks without it, up to the latest week; of a settled row up to the week in which it was settled.
        greatest(0, date_diff(
            'week',
            max(seen.period_starts_on),
            case
                when states.status in ('approved', 'promoted')
                    then date_trunc('week', states.status_changed_at - interval 24 hours)::date
                else {{ latest_week() }}
            end
        )) as quiet_weeks
    from states
    left join seen on states.candidate_key = seen.candidate_key
    group by states.candidate_key, states.status, states.status_changed_at
)

select * from final
