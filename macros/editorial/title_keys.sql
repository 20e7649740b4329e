{# The keys of a set of titles (title_key, title_words, mark): columns meeting_key, title_key and the words that make it.
   Word numbers are random, so the exclusive or of some names them; a chance meeting costs a comparison and finds nothing. #}
{% macro title_keys(titles) -%}
    select
        xor(
            xor(numbered.mark, numbered.word_ids[places.i]),
            xor(coalesce(numbered.word_ids[places.j], 0::ubigint), coalesce(numbered.word_ids[places.k], 0::ubigint))
        ) as meeting_key,
        numbered.title_key,
        [word for word in [
            numbered.title_words[places.i], numbered.title_words[places.j], numbered.title_words[places.k]
        ] if word is not null] as key_words
    from (
        select *, [md5_number_lower(word) for word in title_words[:6]] as word_ids from {{ titles }}
    ) as numbered
    inner join ({{ key_places() }}) as places on least(len(numbered.title_words), 6) = places.word_count
{%- endmacro %}
