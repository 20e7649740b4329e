-- How far each source has come in learning from its editors, by what there is to show for it. A stage is reached only
-- with all before it: a model's score on a source that nobody labels is no learning.

with

policy as ({{ policy_in_force(ref('experiments')) }}
),

labels as (
    select
        source_key,
        count(*) as label_count
    from {{ ref('ingest_editor_labels') }}
    where not is_machine
    group by source_key
),

-- A recorded approval is the adoption of a suggestion that was confirmed, tried and signed before the change.
changes as (
    select
        source_key,
        count(*) as full_change_count,
        count(*) filter (where is_gated and is_adopted) as gated_adopted_count,
        count(*) filter (where is_gated and is_adopted and not is_approved_by_machine) as approved_change_count
    from {{ ref('int_experiments__full_changes') }}
    group by source_key
),

evident as (
    select
        states.source_key,
        coalesce(labels.label_count, 0) as label_count,
        coalesce(changes.full_change_count, 0) as full_change_count,
        coalesce(changes.gated_adopted_count, 0) as gated_adopted_count,
        coalesce(changes.approved_change_count, 0) as approved_change_count,
        coalesce(scores.scored_count, 0) as scored_count,
        scores.calibration_error,
        scores.resolution,
        policy.maturity_min_scored,
        policy.maturity_max_calibration_error,
        coalesce(labels.label_count, 0) > 0 as has_labels,
        has_labels and coalesce(changes.gated_adopted_count, 0) > 0 as has_adopted_suggestions,
        has_adopted_suggestions
        and coalesce(scores.scored_count, 0) >= policy.maturity_min_scored
        and coalesce({{ rounded('scores.calibration_error') }} <= policy.maturity_max_calibration_error, false)
        -- A score that says the same of all is calibrated at the base rate, and assists nobody.
        and coalesce(scores.resolution > 0, false)
            as has_calibrated_score,
        has_calibrated_score and changes.approved_change_count = changes.full_change_count as is_approved_each_time
    from {{ ref('int_editorial__source_states') }} as states
    cross join policy
    left join labels on states.source_key = labels.source_key
    left join changes on states.source_key = changes.source_key
    left join {{ ref('int_experiments__model_scores') }} as scores on states.source_key = scores.source_key
),

final as (
    select
        source_key,
        case
            when is_approved_each_time then 'D'
            when has_calibrated_score then 'C'
            when has_adopted_suggestions then 'B'
            when has_labels then 'A'
            else 'none'
        end as stage,
        to_json({
            'label_count': label_count, 'full_change_count': full_change_count,
            'adopted_through_ready_experiments': gated_adopted_count, 'approved_by_people': approved_change_count,
            'scored_and_decided_count': scored_count, 'calibration_error': calibration_error,
            'resolution': resolution,
            'min_scored': maturity_min_scored, 'max_calibration_error': maturity_max_calibration_error
        }) as evidence,
        {{ as_of() }} as computed_at
    from evident
)

select * from final
