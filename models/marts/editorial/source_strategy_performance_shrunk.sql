-- The promotion rate of each source and strategy, drawn toward what is usual.

{{ config(materialized='view') }}

with

final as (
    select * exclude (grain)
    from {{ ref('int_editorial__performance_shrunk') }}
    where grain = 'source_strategy'
)

select * from final
