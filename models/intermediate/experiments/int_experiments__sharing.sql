-- Whether the arms were given by source: the source is then the unit that chance gave, and intervals go by source. They
-- were, unless most candidates lie in sources that both arms share. One stray candidate shares no source, and what
-- nobody knows the source of (`unknown`) lies in none.

with

policy as ({{ policy_periods(ref('experiment_bars')) }}
),

per_source as (
    select
        experiment_id,
        judged_at,
        source_key,
        count(*) filter (where arm = 'control') as control_count,
        count(*) filter (where arm = 'treatment') as treatment_count
    from {{ ref('int_experiments__assigned') }}
    where arm is not null
    group by all
),

-- Each arm weighs the same, whatever the planned split.
weighed as (
    select
        *,
        sum(control_count) over of_experiment as control_total,
        sum(treatment_count) over of_experiment as treatment_total,
        control_count / nullif(control_total, 0) as control_weight,
        treatment_count / nullif(treatment_total, 0) as treatment_weight
    from per_source
    window of_experiment as (partition by experiment_id, judged_at)
),

shared as (
    select
        weighed.*,
        policy.shared_items_min_share,
        weighed.source_key != 'unknown'
        and {{ rounded('least(weighed.control_weight, weighed.treatment_weight)'
            ' / (weighed.control_weight + weighed.treatment_weight)') }} >= policy.shared_source_min_share as is_shared
    from weighed
    inner join {{ ref('int_experiments__judgements') }} as judgements using (experiment_id, judged_at)
    inner join policy on {{ in_force('policy', 'coalesce(judgements.started_at, judgements.judged_at)') }}
),

final as (
    select
        experiment_id,
        judged_at,
        -- Of an arm that is empty nobody knows yet.
        coalesce(
            min(control_total) > 0 and min(treatment_total) > 0
            and {{ rounded('sum(control_count + treatment_count) filter (where is_shared)'
                ' / sum(control_count + treatment_count)') }} > min(shared_items_min_share),
            false
        ) as shares_sources,
        min(control_total) > 0 and min(treatment_total) > 0 and not shares_sources as is_clustered
    from shared
    group by experiment_id, judged_at
)

select * from final
