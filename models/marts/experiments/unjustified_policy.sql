-- The policy rows that name an experiment as their ground which was not ready when they came into force. A table, never
-- a failing test: late data must not stop a night.

with

named as (
    select
        policy,
        row_key,
        effective_from,
        experiment_id,
        least(effective_from, {{ as_of() }}) as judged_at
    from {{ ref('int_policy__rows') }}
    where experiment_id is not null
),

final as (
    select
        named.policy,
        named.row_key,
        named.effective_from,
        named.experiment_id,
        coalesce(verdicts.verdict, 'unknown_experiment') as experiment_verdict,
        verdicts.reasons,
        named.judged_at
    from named
    left join {{ ref('int_experiments__gate_verdicts') }} as verdicts using (experiment_id, judged_at)
    where verdicts.verdict is distinct from 'ready_for_approval'
)

select * from final
