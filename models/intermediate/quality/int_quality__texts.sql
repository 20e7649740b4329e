-- The texts that a rule may look at, a row per candidate and field; a text that is missing is empty, so that a rule on
-- its length fires. A view, which `learning-loop rules try` reads too.

{{ config(materialized='view') }}

with

candidates as (
    select * from {{ ref('idea_candidates') }}
),

final as (
    select
        candidate_id,
        source_key,
        created_at,
        unnest([ -- noqa: AL03
            { 'field': 'title', 'field_text': coalesce(title, '') },
            { 'field': 'description', 'field_text': coalesce(description, '') },
            { 'field': 'raw_excerpt', 'field_text': coalesce(raw_excerpt, '') },
            { 'field': 'text', 'field_text': concat_ws(' ', title, description) },
            { 'field': 'source_url', 'field_text': coalesce(source_url, '') },
            { 'field': 'selector', 'field_text': coalesce(selector, '') },
            { 'field': 'strategy', 'field_text': strategy },
            { 'field': 'parser_flags', 'field_text': coalesce(array_to_string(parser_flags, ' '), '') }
        ], recursive := true)
    from candidates
)

select * from final
