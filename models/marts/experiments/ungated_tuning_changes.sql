-- The changes that were deployed in full without an experiment that was ready at that instant.

{{ config(materialized='view') }}

with

final as (
    select
        tuning_change_id,
        source_key,
        config_version,
        experiment_id,
        approved_by,
        applied_at,
        experiment_verdict,
        reasons,
        run_id
    from {{ ref('tuning_change_verdicts') }}
    where not is_gated
)

select * from final
