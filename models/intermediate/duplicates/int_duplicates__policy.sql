-- By what titles are compared at as_of: one row, under the version that its numbers make.

{{ config(schema='scratch') }}

with

editorial as ({{ policy_in_force(ref('editorial')) }}
),

in_force as ({{ policy_in_force(ref('near_duplicates')) }}
),

final as (
    select
        editorial.near_duplicate_similarity as near_min,
        in_force.swapped_min,
        in_force.heaviest_letters,
        in_force.typo_letters,
        in_force.long_letters,
        in_force.stem_letters,
        in_force.light_letters,
        in_force.max_titles_per_key,
        md5(concat_ws(
            ' ', near_min, swapped_min, heaviest_letters, typo_letters, long_letters, stem_letters, light_letters
        )) as policy_version
    from editorial
    cross join in_force
)

select * from final
