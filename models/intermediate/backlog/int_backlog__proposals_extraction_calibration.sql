-- What the alerted classes of the weeks of this run propose, one row per class, parser version and week, in the form of
-- every source. Of a standing alarm all claims since it began count, not only those of
-- the week.

{{ config(schema='scratch') }}

with

policy as ({{ policy_in_force(ref('backlog')) }}
),

weights as ({{ policy_in_force(ref('backlog_priority')) }}
),

described as (
    select
        classes.*,
        policy.calibration_min_sample_count,
        greatest(1, coalesce(histories.weeks_recurring, 1)) as weeks_recurring,
        coalesce(histories.first_recurred_on, classes.period_starts_on) as first_recurred_on,
        {{ class_trend('classes', 'histories') }} as bare_trend,
        json_merge_patch(bare_trend, to_json({ 'in_words': {{ class_trend_in_words('bare_trend') }} })) as trend_data,
        {{ class_priority('classes', 'classes.status', 'weights') }} as exact_priority_score
    from {{ ref('int_backlog__alerted_classes') }} as classes
    cross join policy
    cross join weights
    left join {{ ref('int_backlog__class_histories') }} as histories
        using (claim_class, parser_version, period_starts_on)
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
        sample_count as event_count,
        null::bigint as unique_users,
        weeks_recurring,
        first_recurred_on,
        trend_data as trend,
        [{{ guardrail('calibration_min_sample_count', 'greatest(sample_count, claim_count_since)') }}]
        || case when require_evidence then [{{ evidence_guardrail() }}] else [] end as guardrails,
        case when evidence = 'alarm' then channel || '_alarm' else status end as text_variant,
        {{ class_facts() }} as facts,
        {{ class_metrics() }} as impacted_metrics,
        {{ class_targets() }} as update_targets,
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
