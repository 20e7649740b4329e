-- Everything that the gate is told of an experiment at one judgement, in one row: the bars that were in force when it
-- started, the counts of both arms, and per metric the sums of each arm's sources.

with

policy as ({{ policy_periods(ref('experiments')) }}
),

metrics as ({{ policy_periods(ref('experiment_metrics'), ['metric_name']) }}
),

judgements as (
    select
        *,
        coalesce(started_at, judged_at) as ruled_at
    from {{ ref('int_experiments__judgements') }}
),

counts as (
    select
        experiment_id,
        judged_at,
        list(counts order by counts.arm) as arms
    from {{ ref('int_experiments__arm_counts') }} as counts
    group by experiment_id, judged_at
),

-- Arms that share no source were given by source: the source is then the unit that chance gave.
sharing as (
    select
        experiment_id,
        judged_at,
        count(distinct { 'source_key': source_key, 'arm': arm }) > count(distinct source_key) as shares_sources
    from {{ ref('int_experiments__assigned') }}
    where arm is not null
    group by experiment_id, judged_at
),

sums as (
    select
        experiment_id,
        judged_at,
        metric_name,
        list({
            'arm': arm, 'source_key': source_key, 'item_count': item_count, 'total': total,
            'total_of_squares': total_of_squares, 'sorted_values': sorted_values
        } order by arm, source_key) as sums
    from {{ ref('int_experiments__metric_sums') }}
    group by experiment_id, judged_at, metric_name
),

measured as (
    select
        judgements.experiment_id,
        judgements.judged_at,
        list({
            'metric_name': metrics.metric_name, 'kind': metrics.kind, 'role': metrics.role, 'margin': metrics.margin,
            'mixture_sd': metrics.mixture_sd, 'sums': coalesce(sums.sums, [])
        } order by metrics.metric_name) as metrics
    from judgements
    inner join metrics on {{ in_force('metrics', 'judgements.ruled_at') }}
    left join sums
        on
            judgements.experiment_id = sums.experiment_id
            and judgements.judged_at = sums.judged_at
            and metrics.metric_name = sums.metric_name
    group by judgements.experiment_id, judgements.judged_at
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
        policy.min_reviewed,
        policy.min_days,
        policy.alpha,
        policy.min_lift,
        policy.sample_ratio_alpha,
        policy.min_sources_per_arm,
        policy.bunched_below_active_days,
        policy.guardrail_rule,
        counts.arms[1] as control,
        counts.arms[2] as treatment,
        control['assigned_count'] > 0
        and treatment['assigned_count'] > 0
        and not sharing.shares_sources as is_clustered,
        measured.metrics
    from judgements
    inner join policy on {{ in_force('policy', 'judgements.ruled_at') }}
    inner join counts on judgements.experiment_id = counts.experiment_id and judgements.judged_at = counts.judged_at
    inner join measured
        on judgements.experiment_id = measured.experiment_id and judgements.judged_at = measured.judged_at
    left join sharing on judgements.experiment_id = sharing.experiment_id and judgements.judged_at = sharing.judged_at
)

select * from final
