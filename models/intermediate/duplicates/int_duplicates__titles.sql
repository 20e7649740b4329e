-- What each candidate's title says, taken apart: its words in the one order that all titles share, its numbers, whether
-- it denies, and the keys under which equal titles and equal ideas meet.

{{ config(materialized='incremental', pre_hook="{{ forget_title_readings() }}") }}
-- depends_on: {{ ref('int_editorial__touched_candidates') }}

with

readings as (
    select * from {{ ref('int_duplicates__readings') }}
),

read as (
    {{ log_before_tonight("select ''::varchar as candidate_id from readings") }}
),

candidates as (
    select known.*
    from ({{ known_rows(ref('stg_ingest_candidates'), 'created_at') }}) as known
    anti join read on known.candidate_id = read.candidate_id
),

worded as (
    select
        candidates.candidate_id,
        candidates.created_at,
        candidates.idea_key,
        readings.*,
        {{ title_words('candidates.title') }} as all_words
    from candidates
    cross join readings
),

-- Most titles have no word that is read otherwise, and deny nothing: each word of such a title is asked of no list.
asked as (
    select
        * exclude (reads_as, negations),
        if(
            list_count([reads_as[word] for word in all_words]) > 0, reads_as, map([]::varchar[], []::varchar[])
        ) as reads_as,
        list_contains([list_contains(negations, word) for word in all_words], true) as is_denying,
        if(is_denying, negations, []) as negations
    from worded
),

-- A word is a number (as digits, with the leading zeros and the endings of a place taken off), a denial, or itself.
told_apart as (
    select
        *,
        list_sort([
            coalesce(
                reads_as[word],
                case
                    when starts_with(word, '0') or suffix(word, 'st') or suffix(word, 'nd') or suffix(word, 'rd')
                        then regexp_replace(
                            regexp_replace(word, '^0+(\p{Nd})', '\1'), '^(\p{Nd}+)(st|nd|rd)$', '\1th'
                        )
                    else word
                end
            )
            for word in all_words
            if (reads_as[word] is not null or regexp_matches(word, '\p{Nd}')) and not list_contains(negations, word)
        ]) as numbers,
        list_distinct([
            word for word in all_words if reads_as[word] is null and not regexp_matches(word, '\p{Nd}')
        ]) as own_words
    from asked
),

final as (
    select
        candidate_id,
        created_at,
        idea_key,
        {{ rarest_first('own_words') }} as title_words,
        numbers,
        is_denying,
        len(list_distinct(all_words)) as word_count,
        md5_number_lower(
            array_to_string(title_words, ' ') || '|' || array_to_string(numbers, ' ') || '|' || is_denying
        ) as title_key,
        readings_version
    from told_apart
)

select * from final
