-- Every pause and resumption of a source. Deciders sign: the actor stays as written.

with

typed as (
    {{ typed_rows() }}
),

final as (
    {{ kept_rows('typed') }}
)

select * from final
