-- Every policy row as the seal knows it. A new policy seed adds its line here; the test on policy_log finds it
-- missing.

{{ config(materialized='view') }}

with

final as (
    {{ policy_rows(ref('issue_clusters')) }}
    union all
    {{ policy_rows(ref('cluster_trends')) }}
    union all
    {{ policy_rows(ref('signal_weights'), ['signal_type', 'category']) }}
    union all
    {{ policy_rows(ref('mismatch_severities'), ['mismatch_severity']) }}
    union all
    {{ policy_rows(ref('confidence_bands'), ['confidence_band']) }}
    union all
    {{ policy_rows(ref('calibration')) }}
    union all
    {{ policy_rows(ref('drift_alarms')) }}
    union all
    {{ policy_rows(ref('population_priors_policy')) }}
    union all
    {{ policy_rows(ref('approvers'), ['actor', 'role']) }}
    union all
    {{ policy_rows(ref('reject_reasons'), ['reject_reason_code']) }}
    union all
    {{ policy_rows(ref('quality_rules'), ['rule_id']) }}
    union all
    {{ policy_rows(ref('machine_actors'), ['actor']) }}
    union all
    {{ policy_rows(ref('performance_windows'), ['window_days']) }}
    union all
    {{ policy_rows(ref('editorial')) }}
    union all
    {{ policy_rows(ref('stage_b')) }}
    union all
    {{ policy_rows(ref('review_buckets'), ['review_bucket']) }}
    union all
    {{ policy_rows(ref('fail_first_exception_phrases'), ['phrase']) }}
    union all
    {{ policy_rows(ref('rule_effects_policy')) }}
    union all
    {{ policy_rows(ref('protected_rules'), ['rule_key']) }}
    union all
    {{ policy_rows(ref('verdict_words'), ['word']) }}
    union all
    {{ policy_rows(ref('backlog')) }}
    union all
    {{ policy_rows(ref('backlog_evidence')) }}
    union all
    {{ policy_rows(ref('backlog_priority')) }}
    union all
    {{ policy_rows(ref('fix_effects_policy')) }}
    union all
    {{ policy_rows(ref('backlog_sources'), ['source_type']) }}
    union all
    {{ policy_rows(ref('experiments')) }}
    union all
    {{ policy_rows(ref('experiment_metrics'), ['metric_name']) }}
    union all
    {{ policy_rows(ref('experiment_bars')) }}
    union all
    {{ policy_rows(ref('placebo_policy')) }}
    union all
    {{ policy_rows(ref('reviewer_agreement_bars')) }}
    union all
    {{ policy_rows(ref('near_duplicates')) }}
    union all
    {{ policy_rows(ref('source_trends_policy')) }}
    union all
    {{ policy_rows(ref('tuning_policy')) }}
    union all
    {{ policy_rows(ref('editorial_bars')) }}
    union all
    {{ policy_rows(ref('title_word_readings'), ['word']) }}
    union all
    {{ policy_rows(ref('experiment_metric_bars'), ['metric_name']) }}
    union all
    {{ policy_rows(ref('feed_freshness_policy'), ['feed']) }}
    union all
    {{ policy_rows(ref('feed_freshness_start')) }}
    union all
    {{ policy_rows(ref('model_policy')) }}
    union all
    {{ policy_rows(ref('retention'), ['feed']) }}
)

select * from final
