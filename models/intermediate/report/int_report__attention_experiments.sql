-- Experiments that a person can read now (the gate is open and nothing speaks against the verdict), and running ones
-- that should not go on as they are. An ended experiment is read once: what is listed is a ready one that nobody has
-- adopted.

with

gates as (
    select
        gates.*,
        experiments.name
    from {{ ref('experiment_gates') }} as gates
    inner join {{ ref('ingest_experiments') }} as experiments on gates.experiment_id = experiments.id
),

adopted as (
    select distinct experiment_id
    from {{ ref('ingest_tuning_changes') }}
    where deployment_mode = 'full' and experiment_id is not null
),

judged as (
    select
        gates.*,
        adopted.experiment_id is not null as is_adopted,
        case
            when gates.status = 'running' and gates.verdict in ('sample_ratio_mismatch', 'guardrail_regression')
                then 'experiment_in_trouble'
            when gates.status = 'running' and gates.sample_gate = 'open' then 'gate_opened'
            when gates.status = 'completed' and gates.verdict = 'ready_for_approval' and not is_adopted
                then 'gate_opened'
        end as kind
    from gates
    left join adopted on gates.experiment_id = adopted.experiment_id
),

final as (
    select
        kind,
        experiment_id as item_key,
        name as title,
        concat(
            replace(verdict, '_', ' '),
            coalesce(
                format(
                    ': {} {:+.3f} (95 %: {:+.3f} to {:+.3f})',
                    replace(primary_metric, '_', ' '), lift, lift_lower, lift_upper
                ),
                ''
            )
        ) as detail,
        1::bigint as item_count,
        abs(lift) as urgency,
        null::timestamptz as opened_at
    from judged
    where kind is not null
)

select * from final
