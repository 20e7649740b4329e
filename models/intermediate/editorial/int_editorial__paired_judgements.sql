-- The candidates that two or more editors decided close to one another: each editor's latest decision on each, once as
-- the action itself and once as the decision behind it (to promote with or without an edit is one decision). To ask for
-- work is no judgement but a step of the way, and what lies far apart was judged on different grounds.

{{ config(schema='scratch') }}

with

policy as ({{ policy_in_force(ref('editorial_bars')) }}
),

decisions as (
    select
        labels.candidate_id,
        labels.actor_user_id,
        labels.action,
        labels.is_promotion,
        epoch_us(labels.created_at) as decided_us,
        policy.agreement_max_gap_hours * 3600000000::bigint as max_gap_us
    from {{ ref('ingest_editor_labels') }} as labels
    cross join policy
    where not labels.is_machine and labels.action != 'needs_work'
    qualify
        row_number() over (
            partition by labels.candidate_id, labels.actor_user_id order by labels.created_at desc, labels.id desc
        ) = 1
),

shared as (
    select decisions.*
    from decisions
    semi join decisions as others
        on
            decisions.candidate_id = others.candidate_id
            and decisions.actor_user_id != others.actor_user_id
            and abs(decisions.decided_us - others.decided_us) <= decisions.max_gap_us
),

final as (
    select
        candidate_id,
        actor_user_id,
        'action' as scheme,
        action as category,
        decided_us,
        max_gap_us
    from shared
    union all
    select
        candidate_id,
        actor_user_id,
        'decision' as scheme,
        if(is_promotion, 'promoted', action) as category,
        decided_us,
        max_gap_us
    from shared
)

select * from final
