-- What each run proposed, whole, with the verdict it gave: a log, and with people's decisions all the state there is.
-- Set aside first what a person has settled, then the slots: a settled key must not take one from a new key.

{{ config(
    materialized='incremental',
    full_refresh=false,
    pre_hook="{{ delete_rows_of_this_run() }}"
) }}

with

slots_of_sources as (
    select
        *,
        {{ backlog_slot('source_type', 'verdict_before_slots is null') }} as rank_in_source
    from {{ ref('int_backlog__faced_proposals') }}
),

slots_of_run as (
    select
        *,
        {{ backlog_slot("''", 'verdict_before_slots is null and rank_in_source <= max_candidates_per_source') }}
            as rank_in_run
    from slots_of_sources
),

final as (
    select
        {{ run_id() }} as run_id,
        slots.proposal_number,
        slots.candidate_key,
        slots.source_type,
        slots.source_ref,
        slots.subject_ref,
        slots.source_period_key,
        slots.period_starts_on,
        slots.priority_score,
        slots.priority,
        {{ backlog_verdict() }} as verdict,
        {{ backlog_missed_bar() }} as missed_bar,
        slots.reopens_because,
        texts.title,
        texts.root_cause_hypothesis,
        texts.description,
        texts.design,
        texts.acceptance_criteria,
        texts.invariant_updates,
        texts.policy_updates,
        texts.regression_tests,
        {{ backlog_missing_parts() }} as missing_parts,
        slots.impacted_metrics,
        to_json(slots.guardrails) as guardrails,
        slots.evidence,
        slots.reopen_min_priority_gain,
        slots.reopen_min_label_gain,
        slots.proposed_at,
        slots.event_count,
        slots.unique_users,
        slots.weeks_recurring,
        slots.first_recurred_on,
        slots.trend,
        {{ suggested_updates('texts', 'slots.update_targets') }} as suggested_updates
    from slots_of_run as slots
    left join {{ ref('int_backlog__texts') }} as texts on slots.proposal_number = texts.proposal_number
)

select * from final
