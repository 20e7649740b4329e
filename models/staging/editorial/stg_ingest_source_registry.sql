-- Every state that a source was set to. The last one up to as_of is in force.

with

typed as (
    {{ typed_rows() }}
),

final as (
    {{ kept_rows('typed') }}
)

select * from final
