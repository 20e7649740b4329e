-- What is known of each class that this run proposes beside its week: in how many weeks it was reported, and how often
-- its claims were wrong in the weeks before.

{{ config(schema='scratch') }}

with

policy as ({{ policy_in_force(ref('cluster_trends')) }}
),

metrics as (
    select
        *,
        status != 'healthy' or drift_status = 'drift_alert' as is_reported
    from {{ ref('extraction_calibration_metrics') }}
    where period_granularity = 'week'
),

final as (
    select
        classes.claim_class,
        classes.parser_version,
        classes.period_starts_on,
        count(*) filter (where metrics.is_reported) as weeks_recurring,
        min(metrics.period_starts_on) filter (where metrics.is_reported) as first_recurred_on,
        (sum(metrics.sample_count) filter (
            where metrics.period_starts_on < classes.period_starts_on
            and metrics.period_starts_on >= classes.period_starts_on - 7 * policy.weeks_before
        ))::bigint as sample_count,
        (sum(metrics.incorrect_count) filter (
            where metrics.period_starts_on < classes.period_starts_on
            and metrics.period_starts_on >= classes.period_starts_on - 7 * policy.weeks_before
        ))::bigint as incorrect_count
    from {{ ref('int_backlog__alerted_classes') }} as classes
    cross join policy
    inner join metrics
        on
            classes.claim_class = metrics.claim_class
            and classes.parser_version = metrics.parser_version
            and classes.period_starts_on >= metrics.period_starts_on
    group by classes.claim_class, classes.parser_version, classes.period_starts_on
)

select * from final
