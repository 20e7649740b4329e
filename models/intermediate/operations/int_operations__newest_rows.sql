-- The newest row of every feed.

with

final as (
    {{ newest_rows() }}
)

select * from final
