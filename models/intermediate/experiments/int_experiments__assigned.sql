-- Who was in which arm, as known at each judgement. A candidate that was given to both arms is in neither: it shows
-- the effect of no arm, and to count it twice would be worse than to lose it.

{{ config(schema='scratch') }}

with

candidates as (
    {{ known_rows(ref('stg_ingest_candidates'), 'created_at') }}
),

assignments as (
    {{ known_rows(ref('stg_ingest_experiment_assignments'), 'assigned_at') }}
),

given as (
    select
        judgements.experiment_id,
        judgements.judged_at,
        assignments.candidate_id,
        min(assignments.arm) as arm,
        max(assignments.arm) as other_arm,
        min(assignments.assigned_at) as assigned_at
    from {{ ref('int_experiments__judgements') }} as judgements
    inner join assignments
        on
            judgements.experiment_id = assignments.experiment_id
            and judgements.counted_until >= assignments.assigned_at
    group by all
),

final as (
    select
        given.experiment_id,
        given.judged_at,
        given.candidate_id,
        case when given.arm = given.other_arm then given.arm end as arm,
        given.assigned_at,
        coalesce(candidates.source_key, 'unknown') as source_key,
        candidates.created_at
    from given
    left join candidates on given.candidate_id = candidates.candidate_id
)

select * from final
