-- How the candidates of each strategy fared with the editors, per trailing window.

with

final as (
    select * exclude (grain, source_key)
    from {{ ref('int_editorial__performance') }}
    where grain = 'strategy'
)

select * from final
