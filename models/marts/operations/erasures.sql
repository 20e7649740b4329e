-- Who had a person erased, and when. Applied whatever as_of is: an erasure is about what may be kept, not about what
-- happened.

{{ config(materialized='view') }}

with

final as (
    select
        erasure_id,
        actor,
        erased_at,
        erasure_reason,
        source_files,
        {{ may_decide("'admin'", 'erased.actor', 'erased.erased_at') }} as is_in_force
    from {{ ref('stg_erasures') }} as erased
    where not is_displaced
)

select * from final
