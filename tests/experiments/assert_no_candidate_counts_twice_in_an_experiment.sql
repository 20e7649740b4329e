-- A returned row is an experiment whose arms hold more candidates, or other ones, than were assigned to one arm alone.
with

arms as (
    select
        experiment_id,
        candidate_id
    from ({{ known_rows(ref('stg_ingest_experiment_assignments'), 'assigned_at') }})
    group by experiment_id, candidate_id
    having count(distinct arm) = 1
),

assigned as (
    select
        experiment_id,
        count(*) as candidate_count
    from arms
    group by experiment_id
)

select gates.experiment_id
from {{ ref('experiment_gates') }} as gates
left join assigned on gates.experiment_id = assigned.experiment_id
where
    gates.control_assigned_count + gates.treatment_assigned_count > coalesce(assigned.candidate_count, 0)
    or gates.control_reviewed_count > gates.control_assigned_count
    or gates.treatment_reviewed_count > gates.treatment_assigned_count
