-- What each possible change would have touched of a source on one day.

{{ config(schema='scratch') }}

with

final as (
    select
        source_key,
        item_type,
        kind,
        direction,
        value,
        happened_on,
        is_held_out,
        sum(item_count)::double as in_count,
        coalesce(sum(item_count) filter (where is_success), 0)::double as in_successes
    from {{ ref('int_tuning__segments') }}
    group by all
)

select * from final
