-- The labels that a machine gave: they count in no rate, and here is what they would have decided.

with

final as (
    select
        id as label_id,
        candidate_id,
        source_key,
        strategy,
        action,
        is_promotion,
        actor_user_id,
        created_at
    from {{ ref('ingest_editor_labels') }}
    where is_machine
)

select * from final
