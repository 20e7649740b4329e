-- People's decisions on candidates, once per decision_id, for ever: with what each run proposed, all that the backlog
-- knows. Whether a decision is allowed is not judged here: a refused one must be listed too.

with

typed as (
    {{ typed_rows() }}
),

final as (
    {{ kept_rows('typed') }}
)

select * from final
