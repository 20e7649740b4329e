-- A point in time, not a table: when it is there, every feed has been read. A new feed adds its staging model here.
-- depends_on: {{ ref('stg_events') }}
-- depends_on: {{ ref('stg_ingest_candidates') }}
-- depends_on: {{ ref('stg_ingest_editor_labels') }}
-- depends_on: {{ ref('stg_ingest_source_registry') }}
-- depends_on: {{ ref('stg_ingest_runs') }}
-- depends_on: {{ ref('stg_quality_flags') }}
-- depends_on: {{ ref('stg_score_overrides') }}
-- depends_on: {{ ref('stg_source_overrides') }}
-- depends_on: {{ ref('stg_ingest_experiments') }}
-- depends_on: {{ ref('stg_ingest_experiment_assignments') }}
-- depends_on: {{ ref('stg_ingest_tuning_changes') }}

{{ config(materialized='view', schema='scratch') }}

with

final as (
    select true as is_read
)

select * from final
