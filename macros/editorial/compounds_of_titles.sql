{# The words that two titles which met do not share, and which of them are two words on one side and one on the other.
   What cannot become near any more, even by a typo and a compound, is passed over at once. #}
{% macro compounds_of_titles(met) -%}
    select
        *,
        [x for x in alone_a if len([z for z in alone_a if list_contains(alone_b, x || z) or list_contains(alone_b, z || x)])
            > 0] as parts_a,
        [y for y in alone_b if len([z for z in alone_b if list_contains(alone_a, y || z) or list_contains(alone_a, z || y)])
            > 0] as parts_b,
        [x for x in alone_a if not list_contains(parts_a, x)
            and not list_contains(flatten([[y || z for z in parts_b] for y in parts_b]), x)] as rest_a,
        [y for y in alone_b if not list_contains(parts_b, y)
            and not list_contains(flatten([[x || z for z in parts_a] for x in parts_a]), y)] as rest_b
    from (
        select
            *,
            {{ title_weight('list_intersect(words_a, words_b)') }} as shared,
            [word for word in words_a if not list_contains(words_b, word)] as alone_a,
            [word for word in words_b if not list_contains(words_a, word)] as alone_b
        from {{ met }}
        cross join {{ ref('int_duplicates__policy') }}
    )
    where
        shared + 3 * heaviest_letters
        >= near_min * greatest({{ title_weight('words_a') }}, {{ title_weight('words_b') }})
{%- endmacro %}
