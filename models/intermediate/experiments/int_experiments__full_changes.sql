-- The changes deployed in full, with their first verdict, whether a person adopted a suggestion with each, and whether a
-- machine signed. Adopted is what the log of suggestions and the decisions on them bear out; what a change says of itself
-- proves nothing.

{{ config(materialized='view') }}

with

machines as ({{ policy_periods(ref('machine_actors'), ['actor']) }}
),

changes as (
    {{ known_rows(ref('stg_ingest_tuning_changes'), 'applied_at') }}
),

confirmed as (
    select distinct
        suggestion_id,
        source_key
    from {{ ref('tuning_suggestion_log') }}
    where verdict = 'confirmed'
),

-- Signed before it was applied, for this source, experiment and version.
adopted as (
    select distinct changes.tuning_change_id
    from changes
    inner join confirmed
        on (changes.change_json ->> '$.suggestion_id') = confirmed.suggestion_id and changes.source_key = confirmed.source_key
    inner join {{ ref('suggestion_history') }} as history
        on
            confirmed.suggestion_id = history.suggestion_id
            and changes.experiment_id = history.experiment_id
            and changes.config_version = history.config_version
            and changes.applied_at >= history.decided_at
    where history.decision = 'adopt' and history.refusal is null
),

final as (
    select
        changes.tuning_change_id,
        changes.source_key,
        verdicts.is_gated,
        nullif(changes.change_json ->> '$.suggestion_id', '') as suggestion_id,
        adopted.tuning_change_id is not null as is_adopted,
        machines.actor is not null as is_approved_by_machine
    from changes
    inner join {{ ref('tuning_change_verdicts') }} as verdicts on changes.tuning_change_id = verdicts.tuning_change_id
    left join adopted on changes.tuning_change_id = adopted.tuning_change_id
    left join machines on changes.approved_by = machines.actor and {{ in_force('machines', 'changes.applied_at') }}
)

select * from final
