-- Who had a person erased, and when. Applied whatever as_of is: an erasure is about what may be kept, not about what
-- happened.

{{ config(materialized='view') }}

with

approvers as (
    select actor from {{ ref('approvers') }}
),

final as (
    select
        erasure_id,
        actor,
        erased_at,
        erasure_reason,
        source_files,
        (select count(*) from approvers) = 0 or actor in (select actor from approvers) as is_in_force
    from {{ ref('stg_erasures') }}
    where not is_displaced
)

select * from final
