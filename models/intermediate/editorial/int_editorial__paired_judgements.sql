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

-- An editor has one decision on a candidate, so the one before and the one after are another's.
shared as (
    select *
    from decisions
    window by_time as (partition by candidate_id order by decided_us)
    qualify
        decided_us - lag(decided_us) over by_time <= max_gap_us
        or lead(decided_us) over by_time - decided_us <= max_gap_us
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
