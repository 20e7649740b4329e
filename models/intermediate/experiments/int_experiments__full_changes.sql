-- The changes deployed in full, with their first verdict, the suggestion that they adopt, and whether a machine signed.

{{ config(materialized='view') }}

with

machines as ({{ policy_periods(ref('machine_actors'), ['actor']) }}
),

final as (
    select
        changes.tuning_change_id,
        changes.source_key,
        verdicts.is_gated,
        nullif(changes.change_json ->> '$.suggestion_id', '') as suggestion_id,
        machines.actor is not null as is_approved_by_machine
    from ({{ known_rows(ref('stg_ingest_tuning_changes'), 'applied_at') }}) as changes
    inner join {{ ref('tuning_change_verdicts') }} as verdicts on changes.tuning_change_id = verdicts.tuning_change_id
    left join machines on changes.approved_by = machines.actor and {{ in_force('machines', 'changes.applied_at') }}
)

select * from final
