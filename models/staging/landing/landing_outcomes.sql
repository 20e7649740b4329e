-- What became of the rows of each file read tonight. Stands between the feeds and the ledger: nothing may count a feed
-- before it has been read. A new feed adds its staging model here.
-- depends_on: {{ ref('stg_events') }}
-- depends_on: {{ ref('stg_backlog_decisions') }}
-- depends_on: {{ ref('stg_checklist_updates') }}
-- depends_on: {{ ref('stg_shadow_evaluations') }}
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
-- depends_on: {{ ref('stg_stage_b_selections') }}
-- depends_on: {{ ref('stg_stage_b_trajectories') }}
-- depends_on: {{ ref('stg_stage_b_reflections') }}
-- depends_on: {{ ref('stg_stage_b_failure_malformed') }}
-- depends_on: {{ ref('stg_stage_b_reflection_malformed') }}
-- depends_on: {{ ref('stg_stage_b_runs') }}
-- depends_on: {{ ref('stg_erasures') }}

{{ config(schema='scratch') }}

with

final as (
    select
        feed,
        source_file,
        rows_in,
        kept,
        redelivered,
        ignored,
        quarantined,
        has_open_line
    from {{ source('tonight', 'landing_counts') }}
)

select * from final
