{#
  Which of two titles that met are near: the words of both over the words of either, each by its letters. One word of
  each may be another form of the other's (macro is_one_word), and two words are what they make written as one. Titles that each keep a
  word of their own after that (another place, another subject) are held to the higher bar.
  `met`: title_key_a, title_key_b, words_a, words_b. Columns of the result: the two keys and similarity.
#}
{% macro near_titles(met) -%}
    select
        title_key_a,
        title_key_b,
        similarity
    from (
        select
            *,
            {{ rounded('in_both / (in_both + own_a + own_b)', 6) }} as similarity,
            if(least(own_a, own_b) > light_letters, swapped_min, near_min) as least_similarity
        from (
            select
                *,
                shared
                + {{ title_weight('parts_a') }} + {{ title_weight('parts_b') }}
                + coalesce(typo.weight, 0) as in_both,
                {{ title_weight('rest_a') }} - if(typo is null, 0, least(length(typo.a), heaviest_letters)) as own_a,
                {{ title_weight('rest_b') }} - if(typo is null, 0, least(length(typo.b), heaviest_letters)) as own_b
            from (
                select
                    *,
                    list_max(flatten([[
                        {'weight': least(greatest(length(x), length(y)), heaviest_letters), 'a': x, 'b': y}
                        for y in rest_b
                        if {{ is_one_word('x', 'y') }}
                    ] for x in rest_a])) as typo
                from ({{ compounds_of_titles(met) }})
            )
        )
    )
    where similarity >= least_similarity
{%- endmacro %}
