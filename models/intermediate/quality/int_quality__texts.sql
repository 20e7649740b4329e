-- The texts that a rule may look at, a row per candidate and field; a text that is missing is empty, so that a rule on
-- its length fires. A view, which `learning-loop rules try` reads; the night takes all texts of a candidate at once.

{{ config(materialized='view') }}

with

texts as ({{ quality_texts(ref('idea_candidates')) }}
),

final as (
    select
        candidate_id,
        source_key,
        created_at,
        field,
        field_text
    from texts
    unpivot (
        field_text for field in (title, description, raw_excerpt, text, source_url, selector, strategy, parser_flags)
    )
)

select * from final
