-- Titles that are near, new ones against all: titles that a night before compared are not compared again. A key that is
-- a template brings nobody together; what its titles say besides is compared in int_duplicates__template_pairs.

{{ config(
    materialized='incremental',
    pre_hook="{{ forget_titles(['title_key_a', 'title_key_b'], ref('int_duplicates__compared_titles')) }}"
) }}

with

keys as (
    select keys.*
    from {{ ref('int_duplicates__title_keys') }} as keys
    anti join {{ ref('int_duplicates__current_templates') }} as templates on keys.meeting_key = templates.meeting_key
),

compared as (
    select keys.*
    from keys
    semi join {{ ref('int_duplicates__compared_titles') }} as titles on keys.title_key = titles.title_key
),

met as (
    select distinct
        least(compared.title_key, keys.title_key) as title_key_a,
        greatest(compared.title_key, keys.title_key) as title_key_b
    from compared
    inner join keys on compared.meeting_key = keys.meeting_key and compared.title_key != keys.title_key
),

worded as (
    select
        met.*,
        a.title_words as words_a,
        b.title_words as words_b
    from met
    inner join {{ ref('int_duplicates__title_sets') }} as a on met.title_key_a = a.title_key
    inner join {{ ref('int_duplicates__title_sets') }} as b on met.title_key_b = b.title_key
),

final as ({{ near_titles('worded') }}
)

select * from final
