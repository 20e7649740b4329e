-- Every safety flag and compliance incident that was raised on a candidate.

with

typed as (
    {{ typed_rows() }}
),

final as (
    {{ kept_rows('typed') }}
)

select * from final
