-- What the gate asks of each arm: how many were assigned and reviewed, over how long, on how many days, at what pace.
-- Both arms are always there, the empty one too.

with

policy as ({{ policy_periods(ref('experiments')) }}
),

arms as (
    select
        judgements.*,
        policy.pace_days,
        unnest(['control', 'treatment']) as arm
    from {{ ref('int_experiments__judgements') }} as judgements
    inner join policy on {{ in_force('policy', 'coalesce(judgements.started_at, judgements.judged_at)') }}
),

assigned as (
    select
        experiment_id,
        judged_at,
        arm,
        count(*) as assigned_count,
        -- What nobody knows the source of is no source.
        count(distinct nullif(source_key, 'unknown')) as source_count
    from {{ ref('int_experiments__assigned') }}
    group by all
),

reviewed as (
    select
        arms.experiment_id,
        arms.judged_at,
        arms.arm,
        count(*) as reviewed_count,
        min(labels.labelled_at) as first_review_at,
        max(labels.labelled_at) as last_review_at,
        count(distinct labels.labelled_at::date) as active_days,
        count(*) filter (where labels.labelled_at > arms.judged_at - to_days(arms.pace_days)) as recent_count
    from arms
    inner join {{ ref('int_experiments__latest_labels') }} as labels
        on
            arms.experiment_id = labels.experiment_id
            and arms.judged_at = labels.judged_at
            and arms.arm = labels.arm
            and labels.is_reviewed
    group by all
),

final as (
    select
        arms.experiment_id,
        arms.judged_at,
        arms.arm,
        coalesce(assigned.assigned_count, 0) as assigned_count,
        coalesce(assigned.source_count, 0) as source_count,
        coalesce(reviewed.reviewed_count, 0) as reviewed_count,
        coalesce(reviewed.active_days, 0) as active_days,
        reviewed.first_review_at,
        -- A day is 24 hours.
        {{ rounded('coalesce(epoch_us(reviewed.last_review_at) - epoch_us(reviewed.first_review_at), 0) / 8.64e10') }}
            as review_days,
        -- An arm that is younger than the window is not slow: its pace is taken over the days it has had, one at least.
        coalesce(reviewed.recent_count, 0) / least(
            arms.pace_days,
            greatest(1, coalesce(epoch_us(arms.judged_at) - epoch_us(reviewed.first_review_at), 0) / 8.64e10)
        ) as reviews_per_day,
        coalesce(recent.recent_days, []) as recent_days
    from arms
    left join assigned using (experiment_id, judged_at, arm)
    left join reviewed using (experiment_id, judged_at, arm)
    left join {{ ref('int_experiments__recent_days') }} as recent using (experiment_id, judged_at, arm)
)

select * from final
