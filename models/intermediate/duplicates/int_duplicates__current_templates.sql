-- The keys that are templates by the last word on each.

{{ config(materialized='view', schema='scratch') }}

with

final as (
    select meeting_key
    from {{ ref('int_duplicates__templates') }}
    group by meeting_key
    having max_by(is_template, changed_in_run)
)

select * from final
