-- The promotion rate of each source, drawn toward what is usual.

{{ config(materialized='view') }}

with

final as (
    select * exclude (grain, strategy)
    from {{ ref('int_editorial__performance_shrunk') }}
    where grain = 'source'
)

select * from final
