-- How often chance alone will call an experiment ready this quarter. Each is held to alpha over all its looks; many at
-- once are many chances, and who adopts from a list should know how many of its lines may be luck.

with

quarter as (
    select
        date_trunc('quarter', {{ as_of() }}) as starts_at,
        strftime({{ as_of() }}, '%Y') || '-Q' || quarter({{ as_of() }}) as quarter_key
),

under_trial as (
    select
        gates.verdict,
        gates.alpha
    from {{ ref('experiment_gates') }} as gates
    inner join {{ ref('ingest_experiments') }} as experiments on gates.experiment_id = experiments.id
    inner join quarter on coalesce(experiments.ended_at, {{ as_of() }}) >= quarter.starts_at
    -- What is in shadow is never reviewed, and what has not begun is not looked at.
    where gates.deployment_mode != 'shadow' and experiments.started_at <= {{ as_of() }}
),

final as (
    select
        any_value(quarter.quarter_key) as quarter_key,
        count(under_trial.verdict) as experiment_count,
        count(*) filter (where under_trial.verdict = 'ready_for_approval') as ready_count,
        {{ rounded('coalesce(sum(under_trial.alpha), 0)') }} as expected_false_readies,
        {{ rounded('1 - coalesce(product(1 - under_trial.alpha), 1)') }} as chance_of_a_false_ready,
        {{ as_of() }} as computed_at
    from quarter
    left join under_trial on true
)

select * from final
