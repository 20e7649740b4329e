-- Which candidate was given to which arm, and when.

with

typed as (
    {{ typed_rows() }}
),

final as (
    {{ kept_rows('typed') }}
)

select * from final
