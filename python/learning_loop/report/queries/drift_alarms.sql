-- The alarms that stand, of streams that still have claims: drift first, then by how far beyond the bar.
select
    claim_class,
    parser_version,
    channel,
    began_period_key,
    alarm_period_key,
    last_period_key,
    claim_count_since,
    right_count_since,
    expected_right_count_since,
    log_statistic / ln(10) as statistic,
    log_bar / ln(10) as bar,
    count(*) over () as alarm_count
from extraction_drift_alarms
where evidence = 'alarm' and is_live
order by channel, log_statistic - log_bar desc, claim_class, parser_version
limit 6
