-- The classes of claims that the weeks of this run propose: the calibration alerts and, once the policy asks for
-- evidence, streams whose alarm stands though the week itself looks sound or is called by the other status: the latest
-- week is young, and its corrections are still to come. An alarm takes the place of an alert that it does not bear out.
-- Of a stream's two alarms drift is named first, as in the alerts.

{{ config(schema='scratch') }}

with

policy as ({{ policy_in_force(ref('backlog_evidence')) }}
),

metrics as (
    select * from {{ ref('extraction_calibration_metrics') }}
    semi join {{ ref('int_backlog__weeks') }} using (period_starts_on)
    where period_granularity = 'week'
),

only_alarmed as (
    select
        metrics.period_key,
        metrics.period_starts_on,
        metrics.claim_class,
        metrics.parser_version,
        alarms.status,
        metrics.brier_score,
        metrics.precision_high_conf,
        metrics.sample_count,
        alarms.evidence,
        metrics.brier_excess,
        {{ calibration_details('metrics') }} as details,
        metrics.computed_at
    from metrics
    inner join {{ ref('extraction_drift_alarms') }} as alarms using (claim_class, parser_version)
    inner join policy on policy.require_evidence
    anti join {{ ref('int_backlog__class_alerts') }} as alerts
        on
            metrics.claim_class = alerts.claim_class
            and metrics.parser_version = alerts.parser_version
            and metrics.period_starts_on = alerts.period_starts_on
            and alerts.evidence = 'alarm'
    where alarms.evidence = 'alarm' and coalesce(alarms.began_on <= metrics.period_starts_on, true)
    qualify row_number() over (
        partition by metrics.claim_class, metrics.parser_version, metrics.period_starts_on order by alarms.channel
    ) = 1
),

classes as (
    select * from only_alarmed
    union all by name
    select alerts.* from {{ ref('int_backlog__class_alerts') }} as alerts
    anti join only_alarmed using (claim_class, parser_version, period_starts_on)
),

final as (
    select
        classes.*,
        metrics.incorrect_count,
        policy.require_evidence,
        alarms.channel,
        alarms.last_period_key,
        alarms.began_period_key,
        alarms.claim_count_since,
        alarms.right_count_since,
        alarms.expected_right_count_since,
        alarms.log_statistic,
        alarms.log_bar
    from classes
    cross join policy
    left join metrics using (claim_class, parser_version, period_starts_on)
    left join {{ ref('extraction_drift_alarms') }} as alarms
        on
            classes.claim_class = alarms.claim_class
            and classes.parser_version = alarms.parser_version
            and classes.status = alarms.status
)

select * from final
