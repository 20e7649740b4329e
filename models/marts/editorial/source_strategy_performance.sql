-- How the candidates of each source fared with the editors by strategy, per trailing window.

with

final as (
    select * exclude (grain)
    from {{ ref('int_editorial__performance') }}
    where grain = 'source_strategy'
)

select * from final
