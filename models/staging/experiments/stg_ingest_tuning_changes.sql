-- Every change of a source's configuration that was deployed. Approvers sign: the name stays as written.

{{ config(
    materialized='landing_feed',
    feed='ingest_tuning_changes',
    identity=['tuning_change_id'],
    instant='applied_at'
) }}

with

raw_rows as ({{ feed_rows('ingest_tuning_changes') }}
),

parsed as (
    select
        *,
        case
            when row_defect is null then from_json(raw_row, '{
                "id": "VARCHAR", "experiment_id": "VARCHAR", "source_key": "VARCHAR",
                "config_version": "VARCHAR", "change_json": "VARCHAR", "approved_by": "VARCHAR",
                "applied_at": "VARCHAR", "deployment_mode": "VARCHAR"
            }')
        end as row
    from raw_rows
),

typed as (
    select
        source_file,
        raw_row,
        row_defect,
        nullif(row.id, '') as tuning_change_id,
        nullif(row.experiment_id, '') as experiment_id,
        nullif(row.source_key, '') as source_key,
        nullif(row.config_version, '') as config_version,
        {{ object_text('row.change_json') }} as change_json,
        row.change_json as change_json_text,
        nullif(row.approved_by, '') as approved_by,
        {{ instant('row.applied_at') }} as applied_at,
        row.applied_at as applied_at_text,
        nullif(row.deployment_mode, '') as deployment_mode
    from parsed
),

judged as (
    select
        *,
        case
            {{ bad_texts(
                ['tuning_change_id', 'source_key', 'config_version', 'approved_by', 'deployment_mode'], ['experiment_id']
            ) }}
            {{ long_ids(['tuning_change_id', 'experiment_id', 'source_key', 'config_version', 'approved_by']) }}
            {{ bad_instants(['applied_at']) }}
            {{ bad_choice('deployment_mode', ['shadow', 'canary', 'full']) }}
            {{ bad_casts(['change_json'], 'object') }}
        end as defect
    from typed
),

final as (
    select
        {{ landing_verdict() }},
        tuning_change_id,
        experiment_id,
        source_key,
        config_version,
        {{ redacted('change_json') }} as change_json,
        approved_by,
        applied_at,
        deployment_mode
    from judged
)

select * from final
