-- The editors' decisions, each with what its candidate was. A rate counts a candidate once, by the latest label that a
-- person gave it (is_counted); a wait ends at the first label that decides (is_first_decision).

{{ config(
    materialized='incremental',
    pre_hook="{{ forget_touched(ref('int_editorial__touched_candidates'), ['candidate_id']) }}"
) }}

with

labels as (
    select known.*
    from ({{ known_rows(ref('stg_ingest_editor_labels'), 'created_at') }}) as known
    semi join {{ ref('int_editorial__touched_candidates') }} as touched
        on known.candidate_id = touched.candidate_id
),

candidates as ({{ known_rows(ref('stg_ingest_candidates'), 'created_at') }}
),

machines as (
    select
        {{ pseudonym('actor') }} as actor_user_id,
        valid_from,
        valid_to
    from ({{ policy_periods(ref('machine_actors'), ['actor']) }})
),

joined as (
    select
        labels.*,
        coalesce(candidates.source_key, 'unknown') as source_key,
        coalesce(candidates.strategy, 'unknown') as strategy,
        candidates.created_at as candidate_created_at,
        machines.actor_user_id is not null as is_machine,
        not is_machine and labels.action != 'needs_work' as is_decision,
        distances.edit_distance
    from labels
    left join candidates
        on labels.candidate_id = candidates.candidate_id
    left join machines
        on labels.actor_user_id = machines.actor_user_id and {{ in_force('machines', 'labels.created_at') }}
    left join {{ ref('int_editorial__edit_distances') }} as distances
        on labels.label_id = distances.label_id
),

-- The label id breaks ties of one instant: ids are unique over all history.
final as (
    select
        label_id as id,
        candidate_id,
        source_key,
        strategy,
        action,
        reject_reason_code,
        rewrite_severity,
        duplicate_confirmed,
        duplicate_of,
        actor_user_id,
        created_at,
        final_title,
        final_description,
        note,
        candidate_created_at,
        is_machine,
        not is_machine and row_number() over (
            partition by candidate_id, is_machine order by created_at desc, label_id desc
        ) = 1 as is_counted,
        is_decision and row_number() over (
            partition by candidate_id, is_decision order by created_at, label_id
        ) = 1 as is_first_decision,
        action in ('promoted', 'promoted_after_edit') as is_promotion,
        edit_distance
    from joined
)

select * from final
