-- What people said in the last days, and during which looks at them each label was the latest of its candidate. Labels
-- make placebos once, in the night that brought some: without new ones a further draw would say the same of the gate.

{{ config(schema='scratch') }}

with

policy as ({{ policy_in_force(ref('placebo_policy')) }}
),

labels as (
    select
        labels.*,
        policy.candidates_at_most,
        {{ as_of() }} - to_days(policy.label_days) as starts_at,
        -- The looks are at the ends of equal spans; a label on the instant of a look is seen by it.
        ceil((epoch_us(labels.created_at) - epoch_us(starts_at)) / (policy.look_days * 8.64e10))::integer as first_look
    from {{ ref('ingest_editor_labels') }} as labels
    inner join policy on labels.created_at > {{ as_of() }} - to_days(policy.label_days)
    where
        not labels.is_machine
        and exists (
            from ({{ known_rows(ref('stg_ingest_editor_labels'), 'created_at') }})
            where loaded_in_run = {{ run_number() }}
        )
),

-- A large team's labels would take long and tell no more.
drawn as (
    select * from labels
    qualify dense_rank() over (
        order by {{ hash_share("concat_ws('/', " ~ as_of() ~ "::date, candidate_id)") }}, candidate_id
    ) <= candidates_at_most
),

final as (
    select
        id as label_id,
        candidate_id,
        source_key,
        action,
        rewrite_severity,
        duplicate_confirmed,
        is_promotion,
        edit_distance,
        created_at,
        first_look,
        -- The label id breaks ties of one instant: ids are unique over all history.
        lead(first_look) over (partition by candidate_id order by created_at, id) as until_look
    from drawn
    qualify until_look is distinct from first_look
)

select * from final
