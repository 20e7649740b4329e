-- Each set of title words once, with its words as numbers: those of the same text are equal on every machine.

{{ config(materialized='incremental') }}

with

titles as (
    select
        title_key,
        any_value(title_words order by candidate_id) as title_words
    from {{ ref('int_duplicates__titles') }}
    where word_count > 0
    group by title_key
),

seen as (
    {{ log_before_tonight(
        'select title_key, [0::ubigint] as word_ids, 0 as word_count, 0 as loaded_in_run from titles'
    ) }}
),

final as (
    select
        titles.title_key,
        [md5_number_lower(word) for word in titles.title_words] as word_ids,
        len(titles.title_words)::integer as word_count,
        {{ run_number() }}::integer as loaded_in_run
    from titles
    anti join seen on titles.title_key = seen.title_key
)

select * from final
