-- A returned row is an experiment that is ready though a guardrail that its approval requires is not ok, or that waits
-- for its guardrails though none is lacking.
with

guardrails as (
    select
        gates.experiment_id,
        gates.verdict,
        coalesce(bool_or(
            metrics.is_required
            and if(gates.guardrail_rule = 'strict', metrics.strict_rule, metrics.statistical_rule) != 'ok'
        ), false) as is_lacking
    from {{ ref('experiment_gates') }} as gates
    left join {{ ref('ingest_experiment_metrics') }} as metrics
        on gates.experiment_id = metrics.experiment_id and metrics.role = 'guardrail'
    group by gates.experiment_id, gates.verdict
)

select *
from guardrails
where
    (verdict = 'ready_for_approval' and is_lacking)
    or (verdict = 'guardrails_undecided' and not is_lacking)
