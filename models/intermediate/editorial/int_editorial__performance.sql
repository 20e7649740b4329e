-- How the candidates of each source, strategy, and source with strategy fared with the editors, per trailing window.
-- Each rate stands beside what it was counted from; a group with few reviews says that they are too few.

with

policy as ({{ policy_in_force(ref('editorial')) }}
),

-- A group is there for a review, for a candidate that waits for one, or for a label that could not be used.
joined as (
    select
        * replace (
            coalesce(label_count, 0) as label_count,
            coalesce(reviewed_count, 0) as reviewed_count,
            coalesce(promoted_count, 0) as promoted_count,
            coalesce(rejected_count, 0) as rejected_count,
            coalesce(needs_work_count, 0) as needs_work_count,
            coalesce(duplicate_known_count, 0) as duplicate_known_count,
            coalesce(duplicate_confirmed_count, 0) as duplicate_confirmed_count,
            coalesce(severity_known_count, 0) as severity_known_count,
            coalesce(heavy_rewrite_count, 0) as heavy_rewrite_count,
            coalesce(edited_count, 0) as edited_count,
            coalesce(candidate_count, 0) as candidate_count,
            coalesce(decided_count, 0) as decided_count,
            coalesce(quarantined_labels, 0) as quarantined_labels
        )
    from {{ ref('int_editorial__window_counts') }}
    full join {{ ref('int_editorial__times_to_decision') }} using (grain, source_key, strategy, window_days)
    full join {{ ref('int_editorial__quarantined_labels') }} using (grain, source_key, strategy, window_days)
    left join {{ ref('int_editorial__top_reject_reasons') }} using (grain, source_key, strategy, window_days)
),

final as (
    select
        joined.grain,
        joined.source_key,
        joined.strategy,
        joined.window_days,
        joined.reviewed_count,
        joined.promoted_count,
        joined.rejected_count,
        joined.needs_work_count,
        joined.label_count,
        joined.quarantined_labels,
        joined.quarantined_labels / nullif(joined.quarantined_labels + joined.label_count, 0) as quarantined_share,
        {{ rate_with_bounds('joined.promoted_count', 'joined.reviewed_count', 'promotion_rate') }},
        {{ rate_with_bounds('joined.rejected_count', 'joined.reviewed_count', 'rejection_rate') }},
        joined.duplicate_known_count,
        joined.duplicate_confirmed_count,
        {{ rate_with_bounds(
            'joined.duplicate_confirmed_count', 'joined.duplicate_known_count', 'duplicate_confirmed_rate'
        ) }},
        joined.severity_known_count,
        joined.heavy_rewrite_count,
        {{ rate_with_bounds('joined.heavy_rewrite_count', 'joined.severity_known_count', 'heavy_rewrite_share') }},
        joined.edited_count,
        {{ rounded('joined.edit_distance_sum::double / nullif(joined.edited_count, 0)') }} as mean_edit_distance,
        joined.candidate_count,
        joined.decided_count,
        joined.candidate_count - joined.decided_count as open_count,
        joined.median_hours_to_decision,
        joined.p90_hours_to_decision,
        case
            when joined.candidate_count = 0 then 'insufficient_data'
            when joined.median_hours_to_decision is null then 'median_not_reached'
            when joined.p90_hours_to_decision is null then 'p90_not_reached'
            else 'reached'
        end as time_to_decision_status,
        joined.top_reject_reason,
        joined.top_reject_reason_count,
        case
            when joined.reviewed_count < policy.min_reviews_to_rank then 'insufficient_data' else 'sufficient'
        end as evidence,
        policy.min_reviews_to_rank,
        {{ as_of() }} as computed_at
    from joined
    cross join policy
)

select * from final
