-- The candidates that two or more editors labelled: each editor's latest word on each, once as the action itself and
-- once as the decision behind it (to promote with or without an edit is one decision).

{{ config(schema='scratch') }}

with

labels as (
    select
        candidate_id,
        actor_user_id,
        action,
        is_promotion
    from {{ ref('ingest_editor_labels') }}
    where not is_machine
    qualify row_number() over (partition by candidate_id, actor_user_id order by created_at desc, id desc) = 1
),

shared as (
    select * from labels
    qualify count(*) over (partition by candidate_id) >= 2
),

final as (
    select
        candidate_id,
        actor_user_id,
        'action' as scheme,
        action as category
    from shared
    union all
    select
        candidate_id,
        actor_user_id,
        'decision' as scheme,
        if(is_promotion, 'promoted', action) as category
    from shared
)

select * from final
