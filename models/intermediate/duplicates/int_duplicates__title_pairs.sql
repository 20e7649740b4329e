-- Titles that share at least .6 of their words, new ones against all: titles that a night before compared are not
-- compared again. Every pair that meets is verified exactly.

{{ config(
    materialized='incremental',
    pre_hook="{{ forget_titles(['title_key_a', 'title_key_b']) }}"
) }}

with

keys as (
    select * from {{ ref('int_duplicates__title_keys') }}
),

new_keys as (
    select keys.*
    from keys
    semi join {{ ref('int_duplicates__new_titles') }} as titles on keys.title_key = titles.title_key
),

met as (
    select distinct
        least(new_keys.title_key, keys.title_key) as title_key_a,
        greatest(new_keys.title_key, keys.title_key) as title_key_b
    from new_keys
    inner join keys
        on
            new_keys.meeting_key = keys.meeting_key
            and new_keys.is_single = keys.is_single
            and new_keys.title_key != keys.title_key
    where least(new_keys.word_count, keys.word_count) >= 0.6 * greatest(new_keys.word_count, keys.word_count)
),

verified as (
    select
        met.*,
        len(list_intersect(a.word_ids, b.word_ids)) as shared_words,
        a.word_count + b.word_count - shared_words as all_words
    from met
    inner join {{ ref('int_duplicates__title_sets') }} as a on met.title_key_a = a.title_key
    inner join {{ ref('int_duplicates__title_sets') }} as b on met.title_key_b = b.title_key
),

final as (
    select
        title_key_a,
        title_key_b,
        shared_words::integer as shared_words,
        all_words::integer as all_words,
        {{ rounded('shared_words / all_words') }} as similarity
    from verified
    where 10 * shared_words >= 6 * all_words
)

select * from final
