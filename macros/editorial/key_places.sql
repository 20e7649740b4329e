{# Which of a title's words make a key together: all threes of its six heaviest. Of few words also twos, and of two each,
   for one of them may hold a typo. Columns word_count (2 to 6), i, j, k; of a short key the last are null. #}
{% macro key_places() -%}
    select
        words.word_count,
        one.place as i,
        two.place as j,
        three.place as k
    from (select unnest(range(3, 7)) as word_count) as words
    cross join (select unnest(range(1, 7)) as place) as one
    cross join (select unnest(range(1, 7)) as place) as two
    cross join (select unnest(range(1, 7)) as place) as three
    where one.place < two.place and two.place < three.place and three.place <= words.word_count
    union all
    select * from (values
        (2, 1, null, null), (2, 2, null, null),
        (3, 1, 2, null), (3, 1, 3, null), (3, 2, 3, null),
        (4, 1, 2, null), (4, 1, 3, null), (4, 2, 3, null)
    )
{%- endmacro %}
