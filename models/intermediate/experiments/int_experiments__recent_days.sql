-- The days of the weeks before each judgement on which an arm was reviewed, and how often: editors work by weekday, so
-- the pace of each weekday says when a count will be reached. The judgement's own day is not whole and does not count.

with

policy as ({{ policy_periods(ref('experiment_bars')) }}
),

per_day as (
    select
        labels.experiment_id,
        labels.judged_at,
        labels.arm,
        labels.labelled_at::date as day,
        count(*) as reviewed_count
    from {{ ref('int_experiments__latest_labels') }} as labels
    inner join {{ ref('int_experiments__judgements') }} as judgements using (experiment_id, judged_at)
    inner join policy on {{ in_force('policy', 'coalesce(judgements.started_at, judgements.judged_at)') }}
    where
        labels.is_reviewed
        and labels.labelled_at::date < labels.judged_at::date
        and labels.labelled_at::date >= labels.judged_at::date - policy.pace_history_days
    group by all
),

final as (
    select
        experiment_id,
        judged_at,
        arm,
        list({ 'day': day, 'reviewed_count': reviewed_count } order by day) as recent_days
    from per_day
    group by experiment_id, judged_at, arm
)

select * from final
