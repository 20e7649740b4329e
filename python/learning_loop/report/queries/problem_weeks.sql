-- Half a year of each problem up to the latest week with data: of a signature its events, of a class the share of wrong
-- claims; beside it the bar: the least events of a cluster, the share of wrong claims that the confidences promise.
with
latest as (
    select
        (select max(period_starts_on) from learning_issue_clusters where period_granularity = 'week') as clusters_on,
        (select max(period_starts_on) from extraction_calibration_metrics where period_granularity = 'week') as claims_on
),
seen as (
    select
        'cluster' as subject_kind, cluster_signature as subject, null as parser_version,
        period_starts_on, clusters_on as last_on, event_count::double as value, min_support::double as bar
    from learning_issue_clusters cross join latest
    where period_granularity = 'week' and period_starts_on > clusters_on - 182
    union all
    select
        'class', claim_class, parser_version, period_starts_on, claims_on,
        incorrect_count / sample_count, 1 - avg_confidence
    from extraction_calibration_metrics cross join latest
    where period_granularity = 'week' and period_starts_on > claims_on - 182 and sample_count > 0
),
wanted as (
    select 'cluster' as subject_kind, source_ref as subject, null as parser_version
    from learning_backlog_candidates
    where source_type = 'issue_cluster' and status in ('candidate', 'approved', 'promoted')
    union
    select 'class', claim_class, parser_version from extraction_underperforming_classes
    union
    select 'class', claim_class, parser_version from extraction_drift_alarms where evidence = 'alarm'
    union
    select 'class', evidence ->> '$.claim_class', evidence ->> '$.parser_version'
    from learning_backlog_candidates
    where source_type = 'extraction_calibration' and status in ('candidate', 'approved', 'promoted')
)
select
    seen.subject_kind, seen.subject, seen.parser_version, seen.period_starts_on,
    strftime(seen.period_starts_on, '%G-W%V') as period_key,
    date_diff('week', seen.period_starts_on, seen.last_on) as weeks_ago,
    strftime(seen.last_on, '%G-W%V') as last_period_key,
    seen.value, seen.bar
from seen
semi join wanted
    on
        seen.subject_kind = wanted.subject_kind
        and seen.subject = wanted.subject
        and seen.parser_version is not distinct from wanted.parser_version
order by all
