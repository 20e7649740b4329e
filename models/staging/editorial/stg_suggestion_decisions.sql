-- What people decided on suggestions, allowed or not: a refused one must be listed too. Deciders sign: the actor stays as
-- written.

with

typed as (
    {{ typed_rows() }}
),

final as (
    {{ kept_rows('typed') }}
)

select * from final
