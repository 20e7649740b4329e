-- The labels that a machine gave (they count in no rate, and here is what they would have decided), and the promotions
-- that came so soon after their candidate that nobody can have read it.

with

policy as ({{ policy_in_force(ref('editorial_bars')) }}
),

final as (
    select
        labels.id as label_id,
        labels.candidate_id,
        labels.source_key,
        labels.strategy,
        labels.action,
        labels.is_promotion,
        labels.actor_user_id,
        labels.created_at,
        labels.is_machine,
        candidates.parser_confidence
    from {{ ref('ingest_editor_labels') }} as labels
    cross join policy
    left join ({{ known_rows(ref('stg_ingest_candidates'), 'created_at') }}) as candidates
        on labels.candidate_id = candidates.candidate_id
    where
        labels.is_machine
        or (
            labels.is_promotion
            and abs(epoch_us(labels.created_at) - epoch_us(labels.candidate_created_at))
            <= policy.fast_promotion_seconds * 1000000
        )
)

select * from final
