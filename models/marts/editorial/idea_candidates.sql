-- The ideas that the sources brought, each with the key of its text and the group of candidates that are one idea.
-- A view: a candidate's row says what the candidate was, and costs a night nothing.

{{ config(materialized='view') }}

with

candidates as ({{ known_rows(ref('stg_ingest_candidates'), 'created_at') }}
),

final as (
    select
        candidates.candidate_id,
        candidates.source_key,
        candidates.source_url,
        candidates.title,
        candidates.description,
        candidates.raw_excerpt,
        candidates.created_at,
        candidates.run_id,
        candidates.strategy,
        candidates.selector,
        candidates.parser_confidence,
        candidates.parser_rule_version,
        candidates.parser_flags,
        candidates.idea_key,
        'dg_' || coalesce(groups.group_head, candidates.candidate_id) as duplicate_group,
        coalesce(groups.group_size, 1) as duplicate_group_size
    from candidates
    left join {{ ref('int_duplicates__groups') }} as groups
        on candidates.candidate_id = groups.candidate_id
)

select * from final
