-- The latest label of each assigned candidate, as known at each judgement, and whether it counts: given in the
-- experiment, from the assignment to the end. A word of before says nothing about the arm.

{{ config(schema='scratch') }}

with

assigned as (
    select
        assigned.*,
        plans.counted_until,
        least(assigned.judged_at, plans.planned_stop_at) as looked_until
    from {{ ref('int_experiments__assigned') }} as assigned
    inner join {{ ref('int_experiments__plans') }} as plans using (experiment_id, judged_at)
),

final as (
    select
        assigned.* exclude (looked_until),
        labels.id as label_id,
        labels.action,
        labels.rewrite_severity,
        labels.duplicate_confirmed,
        labels.is_promotion,
        labels.edit_distance,
        labels.created_at as labelled_at,
        labels.created_at < assigned.assigned_at as is_before_assignment,
        labels.created_at > assigned.counted_until as is_after_end,
        assigned.arm is not null and not is_before_assignment and not is_after_end as is_reviewed
    from assigned
    inner join {{ ref('ingest_editor_labels') }} as labels
        on
            assigned.candidate_id = labels.candidate_id
            -- A planned end is the last look: what was said after it is not even a later word.
            and assigned.looked_until >= labels.created_at
            and not labels.is_machine
    -- The label id breaks ties of one instant: ids are unique over all history.
    qualify row_number() over (
        partition by assigned.experiment_id, assigned.judged_at, assigned.candidate_id
        order by labels.created_at desc, labels.id desc
    ) = 1
)

select * from final
