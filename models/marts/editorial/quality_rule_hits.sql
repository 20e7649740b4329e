-- Every rule that fired, and the text that it met.

{{ config(materialized='view') }}

with

hits as (
    select
        candidate_id,
        unnest(hits, recursive := true) -- noqa: AL03
    from {{ ref('int_quality__text_scores') }}
    union all
    select
        candidate_id,
        unnest(hits, recursive := true) -- noqa: AL03
    from {{ ref('int_quality__duplicate_hits') }}
),

final as (
    select
        candidate_id,
        rule_id,
        dimension,
        field,
        text_met,
        penalty,
        is_hard_fail
    from hits
)

select * from final
