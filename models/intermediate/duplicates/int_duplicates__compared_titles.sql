-- The titles that tonight compares with all others: those that are new, and those of a key that is no template any
-- more.

{{ config(schema='scratch') }}

with

freed_keys as (
    select meeting_key
    from {{ ref('int_duplicates__templates') }}
    where changed_in_run >= {{ run_number() }} and not is_template
),

freed as (
    select keys.title_key
    from {{ ref('int_duplicates__title_keys') }} as keys
    semi join freed_keys on keys.meeting_key = freed_keys.meeting_key
),

final as (
    select sets.title_key
    from {{ ref('int_duplicates__title_sets') }} as sets
    where sets.loaded_in_run >= {{ run_number() }} or sets.title_key in (select title_key from freed)
)

select * from final
