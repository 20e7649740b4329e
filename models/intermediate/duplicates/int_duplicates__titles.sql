-- The words of each candidate's title, in the one order that all titles share, and the keys under which equal titles
-- and equal ideas meet.

{{ config(
    materialized='incremental',
    pre_hook="{{ forget_touched(ref('int_editorial__touched_candidates'), ['candidate_id']) }}"
) }}

with

candidates as (
    select known.*
    from ({{ known_rows(ref('stg_ingest_candidates'), 'created_at') }}) as known
    semi join {{ ref('int_editorial__touched_candidates') }} as touched
        on known.candidate_id = touched.candidate_id
),

worded as (
    select
        *,
        {{ title_words('title') }} as title_words
    from candidates
),

final as (
    select
        candidate_id,
        created_at,
        idea_key,
        {{ rarest_first('title_words') }} as title_words,
        len(title_words) as word_count,
        md5(array_to_string(list_sort(title_words), ' ')) as title_key
    from worded
)

select * from final
