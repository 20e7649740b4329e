-- What the alerted classes of the weeks of this run propose, one row per class, parser version and week, in the form of
-- every source. Of a standing alarm all claims since it began count, not only those of
-- the week.

{{ config(schema='scratch') }}

with

policy as ({{ policy_in_force(ref('backlog')) }}
),

weights as ({{ policy_in_force(ref('backlog_priority')) }}
),

trend_policy as ({{ policy_in_force(ref('cluster_trends')) }}
),

metrics as (
    select * from {{ ref('extraction_calibration_metrics') }}
    where period_granularity = 'week'
),

-- The weeks in which the stream was reported, of all that are known up to this one.
weeks as (
    select
        classes.claim_class,
        classes.parser_version,
        classes.period_starts_on,
        count(*) as weeks_recurring,
        min(metrics.period_starts_on) as first_recurred_on
    from {{ ref('int_backlog__alerted_classes') }} as classes
    inner join metrics
        on
            classes.claim_class = metrics.claim_class
            and classes.parser_version = metrics.parser_version
            and classes.period_starts_on >= metrics.period_starts_on
            and (metrics.status != 'healthy' or metrics.drift_status = 'drift_alert')
    group by classes.claim_class, classes.parser_version, classes.period_starts_on
),

before as (
    select
        classes.claim_class,
        classes.parser_version,
        classes.period_starts_on,
        sum(metrics.sample_count)::bigint as sample_count,
        sum(metrics.incorrect_count)::bigint as incorrect_count
    from {{ ref('int_backlog__alerted_classes') }} as classes
    cross join trend_policy
    inner join metrics
        on
            classes.claim_class = metrics.claim_class
            and classes.parser_version = metrics.parser_version
            and classes.period_starts_on > metrics.period_starts_on
            and classes.period_starts_on - 7 * trend_policy.weeks_before <= metrics.period_starts_on
    group by classes.claim_class, classes.parser_version, classes.period_starts_on
),

described as (
    select
        classes.*,
        policy.calibration_min_sample_count,
        coalesce(weeks.weeks_recurring, 1) as weeks_recurring,
        coalesce(weeks.first_recurred_on, classes.period_starts_on) as first_recurred_on,
        {{ class_trend('classes', 'before') }} as bare_trend,
        json_merge_patch(bare_trend, to_json({'in_words': {{ class_trend_in_words('bare_trend') }}})) as trend_data,
        greatest(0, least(
            1,
            weights.brier_weight * least(1, classes.brier_score / weights.brier_reference)
            + weights.precision_weight * coalesce(1 - classes.precision_high_conf, weights.precision_if_unknown)
            + weights.samples_weight * least(1, classes.sample_count / weights.samples_reference)
            + case when classes.status = 'drift_alert' then weights.drift_bonus else 0 end
        )) as exact_priority_score
    from {{ ref('int_backlog__alerted_classes') }} as classes
    cross join policy
    cross join weights
    left join weeks using (claim_class, parser_version, period_starts_on)
    left join before using (claim_class, parser_version, period_starts_on)
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
