-- Titles of one template that are near by their other words. Made anew every night, for a template's titles are few or
-- many at once. With under three other words only equal ones would be near; a key that is crowded again says nothing.

{{ config(schema='scratch') }}

with

titles as (
    select * from {{ ref('int_duplicates__template_titles') }}
    where len(title_words) >= 3
),

keys as ({{ title_keys('titles') }}
),

telling as (
    select keys.*
    from keys
    cross join {{ ref('int_duplicates__policy') }} as policy
    qualify count(*) over (partition by keys.meeting_key) <= policy.max_titles_per_key
),

met as (
    select distinct
        a.title_key as title_key_a,
        b.title_key as title_key_b
    from telling as a
    inner join telling as b on a.meeting_key = b.meeting_key and a.title_key < b.title_key
),

worded as (
    select
        met.*,
        a.title_words as words_a,
        b.title_words as words_b
    from met
    inner join titles as a on met.title_key_a = a.title_key
    inner join titles as b on met.title_key_b = b.title_key
),

final as ({{ near_titles('worded') }}
)

select * from final
