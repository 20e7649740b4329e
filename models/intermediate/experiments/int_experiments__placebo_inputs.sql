-- What the gate is told of one metric of a placebo: the bars in force tonight, and what each look adds to the sums.

with

metrics as ({{ policy_in_force(ref('experiment_metrics'), ['metric_name']) }}
),

policy as ({{ policy_in_force(ref('experiments')) }}
),

bars as ({{ policy_in_force(ref('experiment_bars')) }}
),

placebos as (
    select distinct * exclude (source_key) from {{ ref('int_experiments__placebos') }}
),

sums as (
    select
        placebo_id,
        metric_name,
        list({
            'arm': arm, 'source_key': source_key, 'look': look, 'item_count': item_count,
            -- What nobody knows the source of is no source.
            'known_count': if(source_key = 'unknown', 0, item_count), 'total': total,
            'total_of_squares': total_of_squares, 'planted_total': planted_total, 'planted_squares': planted_squares,
            'first_day': epoch_us(first_at) / 8.64e10, 'last_day': epoch_us(last_at) / 8.64e10
        } order by arm, source_key, look) as sums
    from {{ ref('int_experiments__placebo_sums') }}
    group by placebo_id, metric_name
),

final as (
    select
        placebos.placebo_id,
        sums.metric_name,
        placebos.is_clustered,
        placebos.treatment_share,
        placebos.look_count,
        placebos.low_rate_below,
        metrics.kind,
        metrics.role,
        metrics.margin,
        metrics.mixture_sd,
        policy.min_reviewed,
        policy.min_days,
        policy.alpha,
        policy.min_lift,
        policy.min_sources_per_arm,
        bars.look_growth,
        sums.sums
    from sums
    inner join placebos on sums.placebo_id = placebos.placebo_id
    inner join metrics on sums.metric_name = metrics.metric_name
    cross join policy
    cross join bars
)

select * from final
