-- The problems: a candidate with all alerts of its class, or an alert without one. A class is one problem under either
-- of its statuses. The lane says what a person can do about it.
with
candidates as (
    select
        *,
        case
            when source_type = 'extraction_calibration' then concat_ws(
                ':', replace(replace(evidence ->> '$.claim_class', '\', '\\'), ':', '\:'), evidence ->> '$.parser_version'
            )
            else candidate_key
        end as problem_key
    from learning_backlog_candidates
    where status in ('candidate', 'approved', 'promoted')
    qualify row_number() over (
        partition by problem_key
        order by is_regressed desc, status = 'approved' desc, status = 'candidate' desc, priority_score desc, candidate_key
    ) = 1
),
listed as (
    select kind, title, detail, item_key, since, is_new, urgency from attention_items
    where kind in ('regressed_fix', 'reopened_candidate', 'new_candidate', 'drift_alarm', 'calibration_alert')
),
alerts as (
    select * from listed where kind in ('drift_alarm', 'calibration_alert')
),
asked as (
    select item_key as candidate_key, bool_or(is_new) as is_new, min(since) as since
    from listed where kind not in ('drift_alarm', 'calibration_alert') group by item_key
),
-- Weeks that were reported, and the week in which an alarm began.
reported as (
    select claim_class, parser_version, period_key, period_starts_on from extraction_underperforming_classes
    union
    select claim_class, parser_version, began_period_key, began_on from extraction_drift_alarms where evidence = 'alarm'
),
classes as (
    select
        concat_ws(':', replace(replace(claim_class, '\', '\\'), ':', '\:'), parser_version) as problem_key,
        any_value(claim_class) as claim_class,
        any_value(parser_version) as parser_version,
        count(*) as week_count,
        min_by(period_key, period_starts_on) as first_period_key
    from reported group by problem_key
),
latest_claims as (
    select
        concat_ws(':', replace(replace(claim_class, '\', '\\'), ':', '\:'), parser_version) as problem_key, *
    from extraction_calibration_metrics where period_granularity = 'week'
    qualify row_number() over (partition by claim_class, parser_version order by period_starts_on desc) = 1
),
steps as (
    select
        candidate_key,
        count(*) as step_count,
        list(title order by step_position) filter (where status != 'completed') as open_steps,
        list(step_id order by step_position) filter (where status != 'completed') as open_step_ids
    from learning_backlog_checklist group by candidate_key
),
promises as (
    select candidate_key, max_by(issue_ref, state_number) as issue_ref
    from learning_backlog_history where issue_ref is not null group by candidate_key
),
problems as (
    select
        coalesce(candidates.problem_key, alerts.item_key) as problem_key,
        alerts.kind as alert_kind, alerts.detail as alert_detail, alerts.is_new as is_new_alert,
        alerts.since as alert_since, alerts.urgency, alerts.title as alert_title,
        candidates.* exclude (problem_key)
    from candidates
    full join alerts on candidates.problem_key = alerts.item_key and candidates.status != 'promoted'
)
select
    case
        when problems.is_regressed and problems.status in ('approved', 'promoted') then 'regressed'
        when problems.status = 'candidate' then 'decide'
        when problems.status = 'approved' and coalesce(len(steps.open_steps), 0) > 0 then 'steps'
        when problems.status = 'approved' then 'ready'
        when problems.status = 'promoted' then 'fixed'
        else 'watch'
    end as lane,
    coalesce(problems.short_key, problems.problem_key) as problem,
    problems.short_key,
    problems.candidate_key,
    case when problems.source_type = 'issue_cluster' then 'cluster' else 'class' end as subject_kind,
    case
        when problems.source_type = 'issue_cluster' then problems.source_ref
        else coalesce(problems.evidence ->> '$.claim_class', classes.claim_class, problems.alert_title)
    end as subject,
    coalesce(problems.evidence ->> '$.parser_version', classes.parser_version) as parser_version,
    problems.status,
    problems.priority,
    problems.priority_score,
    coalesce(problems.source_period_key, latest_claims.period_key) as period_key,
    clusters.event_count,
    clusters.unique_users,
    replace(clusters.signal_type_top, '_', ' ') as signal_type,
    recurrence.event_count as all_event_count,
    latest_claims.sample_count as claim_count,
    latest_claims.incorrect_count as wrong_count,
    1 - latest_claims.avg_confidence as wrong_share_promised,
    latest_claims.period_key as claims_period_key,
    coalesce(recurrence.weeks_recurring, classes.week_count) as week_count,
    coalesce(strftime(recurrence.first_recurred_on, '%G-W%V'), classes.first_period_key) as first_period_key,
    problems.trend ->> '$.trend' as trend,
    (problems.trend ->> '$.ratio')::double as trend_ratio,
    (problems.trend ->> '$.ratio_lower')::double as trend_ratio_lower,
    (problems.trend ->> '$.ratio_upper')::double as trend_ratio_upper,
    (problems.trend ->> '$.difference')::double as trend_difference,
    (problems.trend ->> '$.weeks_before')::bigint as trend_weeks,
    (problems.trend ->> '$.events_before')::bigint = 0 as is_new_trend,
    problems.alert_kind,
    problems.alert_detail,
    problems.root_cause_hypothesis,
    problems.issue_payload ->> '$.design' as design,
    steps.step_count,
    coalesce(steps.open_steps, []) as open_steps,
    coalesce(steps.open_step_ids, []) as open_step_ids,
    case when problems.status in ('approved', 'promoted') then problems.decided_by end as decided_by,
    problems.status_changed_at,
    coalesce(fixes.issue_ref, promises.issue_ref) as issue_ref,
    fixes.effect,
    fixes.in_words as effect_in_words,
    fixes.events_avoided,
    coalesce(asked.is_new, problems.is_new_alert, false) as is_new,
    coalesce(asked.since, problems.alert_since) as since
from problems
left join classes on problems.problem_key = classes.problem_key
left join latest_claims on problems.problem_key = latest_claims.problem_key
left join learning_issue_clusters as clusters
    on
        problems.source_type = 'issue_cluster'
        and clusters.period_granularity = 'week'
        and problems.source_ref = clusters.cluster_signature
        and problems.source_period_key = clusters.period_key
left join learning_issue_cluster_recurrence as recurrence
    on problems.source_type = 'issue_cluster' and problems.source_ref = recurrence.cluster_signature
left join steps on problems.candidate_key = steps.candidate_key
left join promises on problems.candidate_key = promises.candidate_key
left join fix_effects as fixes on problems.candidate_key = fixes.candidate_key and fixes.is_of_current_promotion
left join asked on problems.candidate_key = asked.candidate_key
order by
    problems.priority_score desc nulls last, clusters.event_count desc nulls last,
    problems.alert_kind = 'drift_alarm' desc, problems.urgency desc nulls last, problem
