-- Titles that are near: those that no template made by all their words, those of one template by their other ones.

with

templated as (
    select title_key from {{ ref('int_duplicates__template_titles') }}
),

final as (
    select pairs.*
    from {{ ref('int_duplicates__title_pairs') }} as pairs
    where
        pairs.title_key_a not in (select title_key from templated)
        and pairs.title_key_b not in (select title_key from templated)
    union all
    select * from {{ ref('int_duplicates__template_pairs') }}
)

select * from final
