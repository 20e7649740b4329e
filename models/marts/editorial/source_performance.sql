-- How the candidates of each source fared with the editors, per trailing window.

with

final as (
    select * exclude (grain, strategy)
    from {{ ref('int_editorial__performance') }}
    where grain = 'source'
)

select * from final
