-- What wants a person today, in the order in which to look at it: the one list behind the report and `status`.

with

kinds as (
    select * from {{ ref('attention_kinds') }}
),

stays as (
    select * from {{ ref('attention_log') }}
    where ended_at is null
),

final as (
    select
        kinds.kind_position,
        stays.kind,
        kinds.title as kind_title,
        stays.item_key,
        stays.title,
        stays.detail,
        stays.item_count,
        kinds.unit,
        stays.urgency,
        stays.opened_at,
        stays.since,
        stays.since = {{ as_of() }} as is_new,
        kinds.next_step,
        kinds.look_in,
        {{ as_of() }} as computed_at
    from stays
    left join kinds on stays.kind = kinds.kind
)

select * from final
