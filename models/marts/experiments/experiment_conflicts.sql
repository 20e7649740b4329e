-- What does not fit between experiments and their candidates, one row per thing: who was given to both arms, who is in
-- two running experiments, whose word came too early or too late to count.

with

assignments as (
    {{ known_rows(ref('stg_ingest_experiment_assignments'), 'assigned_at') }}
),

experiments as (
    select * from {{ ref('int_experiments__judgements') }}
    where judged_at = {{ as_of() }}
),

given as (
    select
        assignments.experiment_id,
        assignments.candidate_id,
        experiments.status,
        count(distinct assignments.arm) as arm_count,
        string_agg(assignments.arm, ' and ' order by assignments.assigned_at, assignments.arm) as arms
    from assignments
    left join experiments on assignments.experiment_id = experiments.experiment_id
    group by all
),

-- A candidate in two experiments shows the sum of both effects. It still counts once in each.
running as (
    select
        candidate_id,
        unnest(list(experiment_id order by experiment_id)) as experiment_id,
        string_agg(experiment_id, ', ' order by experiment_id) as experiments
    from given
    where status = 'running'
    group by candidate_id
    having count(*) > 1
),

of_assignments as (
    select
        experiment_id,
        candidate_id,
        unnest([  -- noqa: AL03
            { 'conflict_type': 'both_arms', 'is_met': arm_count > 1, 'detail': 'assigned to ' || arms },
            {
                'conflict_type': 'unknown_experiment', 'is_met': status is null,
                'detail': 'no state of this experiment is known'
            }
        ], recursive := true)
    from given
),

of_labels as (
    select
        experiment_id,
        candidate_id,
        unnest([  -- noqa: AL03
            {
                'conflict_type': 'latest_label_before_assignment', 'is_met': is_before_assignment,
                'detail': 'label ' || label_id || ' was given before the assignment'
            },
            {
                'conflict_type': 'latest_label_after_end', 'is_met': is_after_end,
                'detail': 'label ' || label_id || ' was given after the experiment ended'
            }
        ], recursive := true)
    from {{ ref('int_experiments__latest_labels') }}
    where judged_at = {{ as_of() }}
),

found as (
    select * from of_assignments
    union all
    select * from of_labels
    union all
    select
        experiment_id,
        candidate_id,
        'two_running_experiments' as conflict_type,
        true as is_met,
        'assigned in ' || experiments as detail
    from running
),

final as (
    select
        experiment_id,
        candidate_id,
        conflict_type,
        detail,
        conflict_type != 'two_running_experiments' as is_left_out
    from found
    where is_met
)

select * from final
