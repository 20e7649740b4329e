-- The titles that a template made, and what each says besides: the words that are in none of its crowded keys.

{{ config(schema='scratch') }}

with

templates as (
    select * from {{ ref('int_duplicates__current_templates') }}
),

titles as (
    select sets.*
    from {{ ref('int_duplicates__title_sets') }} as sets
    where sets.title_key in (
        select keys.title_key
        from {{ ref('int_duplicates__title_keys') }} as keys
        semi join templates on keys.meeting_key = templates.meeting_key
    )
),

keys as ({{ title_keys('titles') }}
),

forms as (
    select
        keys.title_key,
        list_sort(list_distinct(flatten(list(keys.key_words)))) as template_words
    from keys
    semi join templates on keys.meeting_key = templates.meeting_key
    group by keys.title_key
),

-- Only titles of one template are compared: its words are part of their mark.
final as (
    select
        titles.title_key,
        [word for word in titles.title_words if not list_contains(forms.template_words, word)] as title_words,
        xor(titles.mark, md5_number_lower(array_to_string(forms.template_words, ' '))) as mark
    from titles
    inner join forms on titles.title_key = forms.title_key
)

select * from final
