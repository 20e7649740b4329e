-- Whether an experiment has a planned end, and when that was reached. Read from the state in force at its start: an end
-- that is named once the counts are known is no plan. What comes after the end is not looked at.

with

stored as (
    select
        *,
        sha256(to_json(stored)::varchar) as content_hash
    from ({{ known_rows(ref('stg_ingest_experiments'), 'happened_at') }}) as stored
),

at_start as (
    select
        judgements.experiment_id,
        judgements.judged_at,
        arg_max(stored.scope_json, (stored.happened_at, stored.content_hash)) as scope_json
    from {{ ref('int_experiments__judgements') }} as judgements
    inner join stored
        on
            judgements.experiment_id = stored.experiment_id
            and judgements.judged_at >= stored.happened_at
            and judgements.started_at >= stored.happened_at
    group by judgements.experiment_id, judgements.judged_at
),

planned as (
    select
        judgements.experiment_id,
        judgements.judged_at,
        judgements.counted_until,
        {{ instant("(at_start.scope_json ->> '$.planned_end')") }} as planned_end,
        nullif(greatest(0, try_cast(at_start.scope_json ->> '$.planned_items_per_arm' as integer)), 0)
            as planned_items_per_arm,
        coalesce(planned_end is not null or planned_items_per_arm is not null, false) as is_end_planned,
        not is_end_planned
        and coalesce(
            (judgements.scope_json ->> '$.planned_end') is not null
            or (judgements.scope_json ->> '$.planned_items_per_arm') is not null,
            false
        ) as is_plan_late
    from {{ ref('int_experiments__judgements') }} as judgements
    left join at_start using (experiment_id, judged_at)
),

-- The n-th candidate of each arm to have a label that can count.
first_labels as (
    select
        assigned.experiment_id,
        assigned.judged_at,
        assigned.arm,
        min(labels.created_at) as reviewed_at
    from {{ ref('int_experiments__assigned') }} as assigned
    inner join planned using (experiment_id, judged_at)
    inner join {{ ref('ingest_editor_labels') }} as labels
        on
            assigned.candidate_id = labels.candidate_id
            and assigned.assigned_at <= labels.created_at
            and planned.counted_until >= labels.created_at
            and not labels.is_machine
    where planned.planned_items_per_arm is not null and assigned.arm is not null
    group by assigned.experiment_id, assigned.judged_at, assigned.arm, assigned.candidate_id
),

filled as (
    select
        planned.experiment_id,
        planned.judged_at,
        first_labels.arm,
        list(first_labels.reviewed_at order by first_labels.reviewed_at)[any_value(planned.planned_items_per_arm)]
            as filled_at
    from first_labels
    inner join planned using (experiment_id, judged_at)
    group by planned.experiment_id, planned.judged_at, first_labels.arm
),

of_items as (
    select
        experiment_id,
        judged_at,
        case when count(filled_at) = 2 then max(filled_at) end as filled_at
    from filled
    group by experiment_id, judged_at
),

final as (
    select
        planned.experiment_id,
        planned.judged_at,
        planned.planned_end,
        planned.planned_items_per_arm,
        planned.is_end_planned,
        planned.is_plan_late,
        least(
            case when planned.planned_end <= planned.judged_at then planned.planned_end end,
            of_items.filled_at
        ) as planned_stop_at,
        least(planned.counted_until, planned_stop_at) as counted_until
    from planned
    left join of_items using (experiment_id, judged_at)
)

select * from final
