-- The promotion rate of each strategy, drawn toward what is usual.

{{ config(materialized='view') }}

with

final as (
    select * exclude (grain, source_key)
    from {{ ref('int_editorial__performance_shrunk') }}
    where grain = 'strategy'
)

select * from final
