-- How like the likest idea that was known before it each candidate's title is. What editors said of duplicates is no
-- part of it: it is to be told.

{{ config(materialized='view', schema='scratch') }}

with

titles as (
    select
        candidate_id,
        created_at,
        title_key
    from {{ ref('int_duplicates__titles') }}
),

first_said as (
    select
        title_key,
        min(created_at) as said_at
    from titles
    group by title_key
),

pairs as (
    select
        title_key_a as title_key,
        title_key_b as other_key,
        similarity
    from {{ ref('int_duplicates__near_titles') }}
    union all
    select
        title_key_b as title_key,
        title_key_a as other_key,
        similarity
    from {{ ref('int_duplicates__near_titles') }}
),

-- Another title that is near, and the title itself where it was said before.
alike as (
    select
        titles.candidate_id,
        pairs.similarity
    from titles
    inner join pairs on titles.title_key = pairs.title_key
    inner join first_said on pairs.other_key = first_said.title_key and titles.created_at > first_said.said_at
    union all
    select
        titles.candidate_id,
        1.0 as similarity
    from titles
    inner join first_said on titles.title_key = first_said.title_key and titles.created_at > first_said.said_at
),

final as (
    select
        candidate_id,
        max(similarity)::double as similarity
    from alike
    group by candidate_id
)

select * from final
