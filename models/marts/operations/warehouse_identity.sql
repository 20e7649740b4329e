-- Which salt this warehouse's pseudonyms were made with: a digest that gives nothing of it away. A night with another
-- salt is refused, since every person would get a second pseudonym.

{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='salt_fingerprint',
    full_refresh=false
) }}

with

final as (
    select run.salt_fingerprint()::varchar as salt_fingerprint
)

select * from final
