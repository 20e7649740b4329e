-- Everything that the gate is told of an experiment at one judgement, in one row: the bars that were in force when it
-- started, the counts of both arms, and per metric the sums of each arm's sources.

with

policy as ({{ policy_periods(ref('experiments')) }}
),

bars as ({{ policy_periods(ref('experiment_bars')) }}
),

judgements as (
    select
        judgements.* exclude (counted_until),
        plans.* exclude (experiment_id, judged_at),
        coalesce(judgements.started_at, judgements.judged_at) as ruled_at
    from {{ ref('int_experiments__judgements') }} as judgements
    inner join {{ ref('int_experiments__plans') }} as plans using (experiment_id, judged_at)
),

counts as (
    select
        experiment_id,
        judged_at,
        list(counts order by counts.arm) as arms
    from {{ ref('int_experiments__arm_counts') }} as counts
    group by experiment_id, judged_at
),

ratios as (
    select
        experiment_id,
        judged_at,
        list(days order by days.day) filter (where days.ratio = 'sample') as sample_ratio_days,
        list(days order by days.day) filter (where days.ratio = 'review') as review_ratio_days,
        list(days order by days.day) filter (where days.ratio = 'due') as due_ratio_days
    from {{ ref('int_experiments__ratio_days') }} as days
    group by experiment_id, judged_at
),

measured as (
    select
        experiment_id,
        judged_at,
        list(metrics order by metrics.metric_name) as metrics
    from {{ ref('int_experiments__metric_inputs') }} as metrics
    group by experiment_id, judged_at
),

final as (
    select
        judgements.experiment_id,
        judgements.judged_at,
        judgements.status,
        judgements.ended_at,
        judgements.deployment_mode,
        judgements.primary_metric,
        judgements.direction,
        judgements.planned_treatment_share,
        judgements.is_split_unread,
        judgements.planned_end,
        judgements.planned_items_per_arm,
        judgements.is_end_planned,
        judgements.is_plan_late,
        judgements.planned_stop_at,
        policy.min_reviewed,
        policy.min_days,
        policy.alpha,
        policy.min_lift,
        policy.sample_ratio_alpha,
        policy.min_sources_per_arm,
        policy.bunched_below_active_days,
        policy.guardrail_rule,
        bars.mismatch_bayes_factor,
        bars.wide_concentration,
        bars.narrow_concentration,
        bars.review_after_days,
        bars.pace_history_days,
        bars.look_growth,
        bars.review_rate_sd,
        counts.arms[1] as control,
        counts.arms[2] as treatment,
        coalesce(sharing.is_clustered, false) as is_clustered,
        coalesce(ratios.sample_ratio_days, []) as sample_ratio_days,
        coalesce(ratios.review_ratio_days, []) as review_ratio_days,
        coalesce(ratios.due_ratio_days, []) as due_ratio_days,
        measured.metrics
    from judgements
    inner join policy on {{ in_force('policy', 'judgements.ruled_at') }}
    inner join bars on {{ in_force('bars', 'judgements.ruled_at') }}
    inner join counts on judgements.experiment_id = counts.experiment_id and judgements.judged_at = counts.judged_at
    inner join measured
        on judgements.experiment_id = measured.experiment_id and judgements.judged_at = measured.judged_at
    left join {{ ref('int_experiments__sharing') }} as sharing
        on judgements.experiment_id = sharing.experiment_id and judgements.judged_at = sharing.judged_at
    left join ratios on judgements.experiment_id = ratios.experiment_id and judgements.judged_at = ratios.judged_at
)

select * from final
