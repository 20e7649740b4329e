-- The days that metrics are counted over.

{{ config(materialized='view', schema='intermediate') }}

with

final as (
    select range::date as date_day
    from range(timestamp '2000-01-01', timestamp '2051-01-01', interval 1 day)
)

select * from final
