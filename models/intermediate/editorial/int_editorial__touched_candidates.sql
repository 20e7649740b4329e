-- The candidates of which something may differ from last night: their own row or a label of theirs came, lost to a
-- better version, or was passed by as_of since then; or an actor of theirs is newly known to be a machine.

{{ config(schema='scratch') }}

with

labels as (
    select
        candidate_id,
        created_at,
        loaded_in_run
    from {{ ref('stg_ingest_editor_labels') }}
    where created_at <= {{ as_of() }}
),

candidates as (
    select
        candidate_id,
        created_at,
        loaded_in_run
    from {{ ref('stg_ingest_candidates') }}
    where created_at <= {{ as_of() }}
),

final as (
    select candidate_id from labels
    where {{ is_touched('created_at') }} or created_at >= {{ policy_changed_from(['machine_actors']) }}
    union
    select candidate_id from candidates
    where {{ is_touched('created_at') }}
)

select * from final
