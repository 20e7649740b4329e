-- Every word of an editor over a candidate's visibility. Deciders sign: the actor stays as written.

with

typed as (
    {{ typed_rows() }}
),

final as (
    {{ kept_rows('typed') }}
)

select * from final
