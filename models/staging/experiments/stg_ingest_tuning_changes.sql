-- Every change of a source's configuration that was deployed. Approvers sign: the name stays as written.

with

typed as (
    {{ typed_rows() }}
),

final as (
    {{ kept_rows('typed') }}
)

select * from final
