-- Where each experiment stands tonight: counts and days of both arms, what is missing, the verdict, and the bars that
-- it was held to. `ready_for_approval` is as far as it goes: people adopt.

with

guardrails as (
    select
        experiment_id,
        to_json(list({
            'metric_name': metric_name, 'baseline': baseline_value, 'treatment': treatment_value,
            'margin': margin, 'statistical_rule': statistical_rule, 'strict_rule': strict_rule,
            'is_required': is_required
        } order by metric_name)) as guardrails
    from {{ ref('ingest_experiment_metrics') }}
    where role = 'guardrail'
    group by experiment_id
),

final as (
    select
        verdicts.experiment_id,
        inputs.status,
        inputs.deployment_mode,
        inputs.control['assigned_count'] as control_assigned_count,
        inputs.treatment['assigned_count'] as treatment_assigned_count,
        inputs.control['reviewed_count'] as control_reviewed_count,
        inputs.treatment['reviewed_count'] as treatment_reviewed_count,
        inputs.min_reviewed,
        inputs.control['review_days'] as control_days,
        inputs.treatment['review_days'] as treatment_days,
        inputs.min_days,
        inputs.control['active_days'] as control_active_days,
        inputs.treatment['active_days'] as treatment_active_days,
        inputs.control['reviews_per_day'] as control_reviews_per_day,
        inputs.treatment['reviews_per_day'] as treatment_reviews_per_day,
        inputs.control['source_count'] as control_source_count,
        inputs.treatment['source_count'] as treatment_source_count,
        inputs.is_clustered,
        inputs.min_sources_per_arm,
        verdicts.sample_gate,
        verdicts.missing_evidence,
        verdicts.expected_open_date,
        verdicts.earliest_open_date,
        verdicts.latest_open_date,
        verdicts.control_counted,
        verdicts.treatment_counted,
        verdicts.sample_ratio_p_value,
        inputs.sample_ratio_alpha,
        verdicts.sample_ratio_factor,
        verdicts.review_ratio_factor,
        inputs.mismatch_bayes_factor,
        inputs.primary_metric,
        inputs.direction,
        verdicts.lift,
        verdicts.lift_lower,
        verdicts.lift_upper,
        verdicts.relative_lift,
        inputs.min_lift,
        verdicts.always_valid_p_value,
        inputs.alpha,
        verdicts.one_look_p_value,
        inputs.planned_end,
        inputs.planned_items_per_arm,
        inputs.planned_stop_at,
        verdicts.test_that_spoke,
        verdicts.guardrail_status,
        inputs.guardrail_rule,
        coalesce(guardrails.guardrails, '[]'::json) as guardrails,
        verdicts.verdict,
        verdicts.verdict_sentence,
        verdicts.reviews_needed,
        verdicts.expected_verdict_date,
        verdicts.reasons,
        {{ as_of() }} as computed_at
    from {{ ref('int_experiments__gate_verdicts') }} as verdicts
    inner join {{ ref('int_experiments__gate_inputs') }} as inputs using (experiment_id, judged_at)
    left join guardrails on verdicts.experiment_id = guardrails.experiment_id
    where verdicts.judged_at = {{ as_of() }}
)

select * from final
