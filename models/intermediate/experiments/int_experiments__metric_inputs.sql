-- What the gate is told of one metric at one judgement: the bars in force at the start, whether the feed behind it
-- spoke for the period, and the sums of each arm's sources.

with

metrics as ({{ policy_periods(ref('experiment_metrics'), ['metric_name']) }}
),

bars as ({{ policy_periods(ref('experiment_metric_bars'), ['metric_name']) }}
),

experiment_bars as ({{ policy_periods(ref('experiment_bars')) }}
),

-- A period that has not ended is over up to the silence that a living feed may keep.
judgements as (
    select
        judgements.experiment_id,
        judgements.judged_at,
        coalesce(judgements.started_at, judgements.judged_at) as ruled_at,
        plans.counted_until - case
            when plans.counted_until = judgements.judged_at then to_days(experiment_bars.feed_silence_days)
            else to_days(0)
        end as heard_until
    from {{ ref('int_experiments__judgements') }} as judgements
    inner join {{ ref('int_experiments__plans') }} as plans using (experiment_id, judged_at)
    inner join experiment_bars
        on {{ in_force('experiment_bars', 'coalesce(judgements.started_at, judgements.judged_at)') }}
),

sums as (
    select
        experiment_id,
        judged_at,
        metric_name,
        list({
            'arm': arm, 'source_key': source_key, 'item_count': item_count, 'total': total,
            'total_of_squares': total_of_squares, 'sorted_values': sorted_values, 'open_values': open_values
        } order by arm, source_key) as sums
    from {{ ref('int_experiments__metric_sums') }}
    group by experiment_id, judged_at, metric_name
),

final as (
    select
        judgements.experiment_id,
        judgements.judged_at,
        metrics.metric_name,
        metrics.kind,
        metrics.role,
        metrics.margin,
        metrics.mixture_sd,
        bars.worthwhile_lift,
        -- A guardrail that no row speaks of is required: who adds one means it.
        metrics.role = 'guardrail' and coalesce(bars.is_required, true) as is_required,
        bars.feed,
        bars.feed is null or coalesce(words.spoke_until >= judgements.heard_until, false) as has_spoken,
        coalesce(sums.sums, []) as sums
    from judgements
    inner join metrics on {{ in_force('metrics', 'judgements.ruled_at') }}
    left join bars
        on metrics.metric_name = bars.metric_name and {{ in_force('bars', 'judgements.ruled_at') }}
    left join {{ ref('int_operations__feed_words') }} as words on bars.feed = words.feed
    left join sums
        on
            judgements.experiment_id = sums.experiment_id
            and judgements.judged_at = sums.judged_at
            and metrics.metric_name = sums.metric_name
)

select * from final
