-- What the alerted classes of the latest week propose, one row per class and parser version, in the form of every
-- source. Of a standing alarm all claims since it began count, not only those of the latest week.

{{ config(schema='scratch') }}

with

policy as ({{ policy_in_force(ref('backlog')) }}
),

weights as ({{ policy_in_force(ref('backlog_priority')) }}
),

calibration_policy as ({{ policy_in_force(ref('calibration')) }}
),

-- The weeks of the calibration window in which the stream was reported.
weeks as (
    select
        metrics.claim_class,
        metrics.parser_version,
        list(metrics.period_key order by metrics.period_starts_on) as period_keys
    from {{ ref('extraction_calibration_metrics') }} as metrics
    inner join calibration_policy
        on metrics.period_starts_on > {{ as_of() }} - to_days(calibration_policy.window_days)
    where
        metrics.period_granularity = 'week'
        and (metrics.status != 'healthy' or metrics.drift_status = 'drift_alert')
    group by metrics.claim_class, metrics.parser_version
),

described as (
    select
        classes.*,
        policy.calibration_min_sample_count,
        weeks.period_keys,
        {{ class_priority('classes', 'classes.status', 'weights') }} as exact_priority_score
    from {{ ref('int_backlog__alerted_classes') }} as classes
    cross join policy
    cross join weights
    left join weeks using (claim_class, parser_version)
),

final as (
    select
        'extraction_calibration' as source_type,
        claim_class || ':' || parser_version || ':' || status as source_ref,
        to_json([claim_class, parser_version])::varchar as subject_ref,
        to_json([claim_class, parser_version, status])::varchar as source_row_ref,
        period_key as source_period_key,
        period_starts_on,
        {{ rounded('exact_priority_score', 6) }} as priority_score,
        [{{ guardrail('calibration_min_sample_count', 'greatest(sample_count, claim_count_since)') }}]
        || case when require_evidence then [{{ evidence_guardrail() }}] else [] end as guardrails,
        case when evidence = 'alarm' then channel || '_alarm' else status end as text_variant,
        {{ class_facts() }} as facts,
        [
            { 'metric': 'brier_score', 'value': brier_score, 'period_key': period_key },
            { 'metric': 'precision_high_conf', 'value': precision_high_conf, 'period_key': period_key },
            { 'metric': 'sample_count', 'value': sample_count::double, 'period_key': period_key }
        ] as impacted_metrics,
        json_merge_patch(details, to_json({
            'claim_class': claim_class,
            'parser_version': parser_version,
            'status': status,
            'brier_score': brier_score,
            'precision_high_conf': precision_high_conf,
            'sample_count': sample_count,
            'evidence': evidence,
            'brier_excess': brier_excess,
            'began_period_key': began_period_key
        })) as evidence
    from described
)

select * from final
