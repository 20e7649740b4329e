-- Every change of a source's configuration that was deployed, in shadow, canary or full.

{{ config(materialized='view') }}

with

final as (
    select
        tuning_change_id as id,
        experiment_id,
        source_key,
        config_version,
        change_json::json as change_json,
        approved_by,
        applied_at,
        deployment_mode
    from ({{ known_rows(ref('stg_ingest_tuning_changes'), 'applied_at') }})
)

select * from final
