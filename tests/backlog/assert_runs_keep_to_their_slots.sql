-- A returned row is a run that wrote more than its slots, or left one empty while a proposal was turned away.
with

policy as ({{ policy_periods(ref('backlog')) }}
),

per_source as (
    select
        run_id,
        proposed_at,
        source_type,
        count(*) filter (where verdict = 'written') as written_count,
        count(*) filter (where verdict = 'limited_by_source') as limited_by_source_count,
        count(*) filter (where verdict = 'limited_by_run') as limited_by_run_count
    from {{ ref('learning_backlog_verdicts') }}
    group by run_id, proposed_at, source_type
),

per_run as (
    select
        run_id,
        proposed_at,
        sum(written_count) as written_count,
        sum(limited_by_run_count) as limited_by_run_count
    from per_source
    group by run_id, proposed_at
)

select
    per_source.run_id,
    per_source.source_type
from per_source
inner join per_run on per_source.run_id = per_run.run_id
inner join policy on {{ in_force('policy', 'per_source.proposed_at') }}
where
    per_source.written_count > policy.max_candidates_per_source
    or per_run.written_count > policy.max_candidates_per_run
    or (
        per_source.limited_by_source_count > 0
        and per_source.written_count + per_source.limited_by_run_count < policy.max_candidates_per_source
    )
    or (per_run.limited_by_run_count > 0 and per_run.written_count < policy.max_candidates_per_run)
