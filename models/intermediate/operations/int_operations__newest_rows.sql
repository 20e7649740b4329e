-- The newest row of every feed. A new feed adds its line here; the test on feed_freshness finds it missing.

with

final as (
    {{ newest_row('events', ref('stg_events'), 'event_at') }}
    union all
    {{ newest_row('ingest_candidates', ref('stg_ingest_candidates'), 'created_at') }}
    union all
    {{ newest_row('ingest_editor_labels', ref('stg_ingest_editor_labels'), 'created_at') }}
    union all
    {{ newest_row('ingest_source_registry', ref('stg_ingest_source_registry'), 'updated_at') }}
    union all
    {{ newest_row('ingest_runs', ref('stg_ingest_runs'), 'happened_at') }}
    union all
    {{ newest_row('quality_flags', ref('stg_quality_flags'), 'raised_at') }}
    union all
    {{ newest_row('score_overrides', ref('stg_score_overrides'), 'created_at') }}
    union all
    {{ newest_row('source_overrides', ref('stg_source_overrides'), 'created_at') }}
    union all
    {{ newest_row('ingest_experiments', ref('stg_ingest_experiments'), 'happened_at') }}
    union all
    {{ newest_row('ingest_experiment_assignments', ref('stg_ingest_experiment_assignments'), 'assigned_at') }}
    union all
    {{ newest_row('ingest_tuning_changes', ref('stg_ingest_tuning_changes'), 'applied_at') }}
    union all
    {{ newest_row('stage_b_selections', ref('stg_stage_b_selections'), 'row_at') }}
    union all
    {{ newest_row('stage_b_trajectories', ref('stg_stage_b_trajectories'), 'row_at') }}
    union all
    {{ newest_row('stage_b_reflections', ref('stg_stage_b_reflections'), 'row_at') }}
    union all
    {{ newest_row('stage_b_failure_malformed', ref('stg_stage_b_failure_malformed'), 'row_at') }}
    union all
    {{ newest_row('stage_b_reflection_malformed', ref('stg_stage_b_reflection_malformed'), 'row_at') }}
    union all
    {{ newest_row('stage_b_runs', ref('stg_stage_b_runs'), 'started_at') }}
    union all
    {{ newest_row('backlog_decisions', ref('stg_backlog_decisions'), 'decided_at') }}
    union all
    {{ newest_row('checklist_updates', ref('stg_checklist_updates'), 'updated_at') }}
    union all
    {{ newest_row('shadow_evaluations', ref('stg_shadow_evaluations'), 'evaluated_at') }}
    union all
    {{ newest_row('erasures', ref('stg_erasures'), 'erased_at') }}
)

select * from final
