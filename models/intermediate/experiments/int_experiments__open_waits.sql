-- The candidates of both arms that nobody has decided, and how long they have waited: until the judgement, the end of
-- the experiment or its planned end. needs_work does not end the wait; what was decided before the assignment has none.

{{ config(schema='scratch') }}

with

final as (
    select
        assigned.experiment_id,
        assigned.judged_at,
        assigned.candidate_id,
        assigned.arm,
        assigned.source_key,
        greatest(0, epoch_us(plans.counted_until) - epoch_us(assigned.created_at)) / 3.6e9 as open_hours
    from {{ ref('int_experiments__assigned') }} as assigned
    inner join {{ ref('int_experiments__plans') }} as plans using (experiment_id, judged_at)
    left join {{ ref('int_experiments__latest_labels') }} as labels using (experiment_id, judged_at, candidate_id)
    where
        assigned.arm is not null
        and assigned.created_at is not null
        and not coalesce(labels.is_before_assignment, false)
        and (
            labels.label_id is null
            or labels.action = 'needs_work'
            or labels.is_after_end
        )
)

select * from final
