-- The changes that rested on nothing: deployed in full without an experiment that was ready at that instant, or in any
-- mode without an experiment that anybody knows.

{{ config(materialized='view') }}

with

known as (
    select distinct experiment_id
    from {{ ref('int_experiments__judgements') }}
),

full_changes as (
    select
        *,
        'full' as deployment_mode
    from {{ ref('tuning_change_verdicts') }}
    where not is_gated
),

-- A trial is the experiment: it needs none that was ready, but one that is known.
trials as (
    select
        changes.*,
        case when changes.experiment_id is null then 'no_experiment' else 'unknown_experiment' end as experiment_verdict
    from ({{ known_rows(ref('stg_ingest_tuning_changes'), 'applied_at') }}) as changes
    anti join known on changes.experiment_id = known.experiment_id
    where changes.deployment_mode != 'full'
),

changes as (
    select * from full_changes
    union all by name
    select * from trials
),

final as (
    select
        tuning_change_id,
        source_key,
        config_version,
        deployment_mode,
        experiment_id,
        approved_by,
        applied_at,
        experiment_verdict,
        reasons,
        run_id
    from changes
)

select * from final
