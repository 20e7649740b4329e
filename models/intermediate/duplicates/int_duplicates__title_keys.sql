-- The keys under which a title meets all that it may be near to (macro prefix_keys). Word numbers are random, so the
-- exclusive or of three names the three; a chance meeting costs a comparison and finds nothing.

{{ config(materialized='incremental', pre_hook="{{ forget_titles(['title_key']) }}") }}

with

titles as (
    select * from {{ ref('int_duplicates__new_titles') }}
),

threes as ({{ threes_of_prefix() }}
),

final as (
    select
        xor(xor(titles.word_ids[threes.i], titles.word_ids[threes.j]), titles.word_ids[threes.k]) as meeting_key,
        titles.title_key,
        titles.word_count,
        false as is_single
    from titles
    inner join threes on {{ prefix_length('titles.word_count', 3) }} = threes.prefix_length
    where titles.word_count between 3 and 40
    union all
    select
        unnest(word_ids[:{{ prefix_length('word_count', 1) }}]) as meeting_key,
        title_key,
        word_count,
        true as is_single
    from titles
    where word_count >= 25
)

select * from final
