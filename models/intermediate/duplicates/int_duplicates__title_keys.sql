-- The keys under which a title meets all that it may be near to (macro key_places).

{{ config(
    materialized='incremental',
    pre_hook="{{ forget_titles(['title_key'], ref('int_duplicates__new_titles')) }}"
) }}

with

-- Under three words only equal titles are near, and those are one here.
titles as (
    select * from {{ ref('int_duplicates__new_titles') }}
    where word_count >= 3
),

keys as ({{ title_keys('titles') }}
),

final as (
    select
        meeting_key,
        title_key
    from keys
)

select * from final
