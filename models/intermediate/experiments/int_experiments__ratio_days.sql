-- What came into each arm on each UTC day, by which the split is watched: all that was assigned (`sample`), what was
-- assigned long enough ago (`due`), and what of that was reviewed (`review`; earlier, faster reviews would look like a
-- broken split). Of clustered arms the sources count, each on the day and in the arm of its first candidate.

with

policy as ({{ policy_periods(ref('experiment_bars')) }}
),

assigned as (
    select
        assigned.*,
        sharing.is_clustered,
        assigned.assigned_at + to_days(policy.review_after_days) as due_at
    from {{ ref('int_experiments__assigned') }} as assigned
    inner join {{ ref('int_experiments__judgements') }} as judgements using (experiment_id, judged_at)
    inner join {{ ref('int_experiments__sharing') }} as sharing using (experiment_id, judged_at)
    inner join policy on {{ in_force('policy', 'coalesce(judgements.started_at, judgements.judged_at)') }}
    where assigned.arm is not null
),

counted as (
    select
        'sample' as ratio,
        assigned.assigned_at as entered_at,
        assigned.*
    from assigned
    union all by name
    select
        'due' as ratio,
        assigned.due_at as entered_at,
        assigned.*
    from assigned
    inner join {{ ref('int_experiments__plans') }} as plans using (experiment_id, judged_at)
    where assigned.due_at <= plans.counted_until
    union all by name
    select
        'review' as ratio,
        greatest(assigned.due_at, labels.labelled_at) as entered_at,
        assigned.*
    from assigned
    inner join {{ ref('int_experiments__latest_labels') }} as labels using (experiment_id, judged_at, candidate_id)
    where labels.is_reviewed and assigned.due_at <= labels.counted_until
),

units as (
    select
        experiment_id,
        judged_at,
        ratio,
        min(entered_at) as entered_at,
        arg_min(arm, (entered_at, candidate_id)) as arm
    from counted
    where not is_clustered or source_key != 'unknown'
    group by experiment_id, judged_at, ratio, case when is_clustered then source_key else candidate_id end
),

final as (
    select
        experiment_id,
        judged_at,
        ratio,
        entered_at::date as day,
        count(*) filter (where arm = 'control') as control_count,
        count(*) filter (where arm = 'treatment') as treatment_count
    from units
    group by all
)

select * from final
