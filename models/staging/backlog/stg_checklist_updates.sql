-- What people and CI report on the steps of a candidate's checklist, once per update_id, for ever.
-- depends_on: {{ ref('promotion_steps') }}

with

typed as (
    {{ typed_rows() }}
),

final as (
    {{ kept_rows('typed') }}
)

select * from final
