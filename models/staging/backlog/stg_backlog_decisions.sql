-- People's decisions on candidates, once per decision_id, for ever: with what each run proposed, all that the backlog
-- knows. Whether a decision is allowed is not judged here: a refused one must be listed too.

{{ config(
    materialized='landing_feed', feed='backlog_decisions', identity=['decision_id'], instant='decided_at'
) }}

with

raw_rows as (
    select
        source_file,
        raw_row,
        {{ row_defect('raw_row') }} as row_defect
    from {{ ref('landing_rows') }}
    where feed = 'backlog_decisions'
),

parsed as (
    select
        *,
        case
            when row_defect is null then from_json(raw_row, '{
                "decision_id": "VARCHAR", "candidate_key": "VARCHAR", "decision": "VARCHAR", "actor": "VARCHAR",
                "decided_at": "VARCHAR", "reason": "VARCHAR", "issue_ref": "VARCHAR", "snooze_until": "VARCHAR",
                "recorded_by": "VARCHAR"
            }')
        end as sent
    from raw_rows
),

typed as (
    select
        source_file,
        raw_row,
        row_defect,
        nullif(sent.decision_id, '') as decision_id,
        nullif(sent.candidate_key, '') as candidate_key,
        nullif(sent.decision, '') as decision,
        nullif(sent.actor, '') as actor,
        {{ instant('sent.decided_at') }} as decided_at,
        nullif(sent.decided_at, '') as decided_at_text,
        {{ redacted("nullif(sent.reason, '')") }} as reason,
        {{ redacted("nullif(sent.issue_ref, '')") }} as issue_ref,
        {{ instant('sent.snooze_until') }} as snooze_until,
        nullif(sent.snooze_until, '') as snooze_until_text,
        {{ redacted("nullif(sent.recorded_by, '')") }} as recorded_by
    from parsed
),

judged as (
    select
        *,
        case
            when decision_id is null then {{ defect('missing_field', 'decision_id') }}
            when candidate_key is null then {{ defect('missing_field', 'candidate_key') }}
            when decision is null then {{ defect('missing_field', 'decision') }}
            when actor is null then {{ defect('missing_field', 'actor') }}
            when decided_at_text is null then {{ defect('missing_field', 'decided_at') }}
            when {{ is_no_text('decision_id') }} then {{ defect('wrong_type', 'decision_id') }}
            when {{ is_no_text('candidate_key') }} then {{ defect('wrong_type', 'candidate_key') }}
            when {{ is_no_text('actor') }} then {{ defect('wrong_type', 'actor') }}
            when length(decision_id) > 256 then {{ defect('id_too_long', 'decision_id') }}
            when length(actor) > 256 then {{ defect('id_too_long', 'actor') }}
            when length(candidate_key) > 1024 then {{ defect('id_too_long', 'candidate_key') }}
            when
                decision not in ('approve', 'dismiss', 'promote', 'reopen')
                then {{ defect('unknown_value', 'decision') }}
            when decided_at is null then {{ defect('unreadable_instant', 'decided_at') }}
            when decided_at < timestamptz '2000-01-01' then {{ defect('instant_before_2000', 'decided_at') }}
            when snooze_until_text is not null and snooze_until is null
                then {{ defect('unreadable_instant', 'snooze_until') }}
        end as defect
    from typed
),

final as (
    select
        source_file,
        false as is_ignored,
        coalesce(row_defect, defect.reason_code) as reason_code,
        case when row_defect is null then defect.detail else {{ row_defect_detail('raw_row') }} end as detail,
        case when reason_code is not null then {{ quarantine_text('raw_row') }} end as raw_row,
        decision_id,
        candidate_key,
        decision,
        actor,
        decided_at,
        reason,
        issue_ref,
        snooze_until,
        recorded_by
    from judged
)

select * from final
