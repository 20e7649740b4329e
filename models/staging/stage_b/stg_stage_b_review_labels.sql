-- What reviewers answered on the tickets of the review queue, once per review_id, for ever.

with

typed as (
    {{ typed_rows() }}
),

final as (
    {{ kept_rows('typed') }}
)

select * from final
