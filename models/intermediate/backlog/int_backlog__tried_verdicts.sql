-- What each run of the last year would have made of its proposals, beside the verdict it gave. The slots are given by
-- the macros that give them at night.

{{ config(materialized='view', schema='scratch') }}

with

judged as (
    select
        *,
        {{ backlog_reopened_because('faced') }} as reopens_because,
        {{ verdict_before_slots() }} as verdict_before_slots
    from {{ ref('int_backlog__tried_faced_proposals') }} as faced
),

slots_of_sources as (
    select
        *,
        {{ backlog_slot('run_id, source_type', 'verdict_before_slots is null') }} as rank_in_source
    from judged
),

slots as (
    select
        *,
        {{ backlog_slot('run_id', 'verdict_before_slots is null and rank_in_source <= max_candidates_per_source') }}
            as rank_in_run
    from slots_of_sources
),

final as (
    select
        run_id,
        proposal_number,
        candidate_key,
        source_type,
        proposed_at,
        priority_score,
        verdict_then,
        {{ backlog_verdict() }} as verdict_now
    from slots
)

select * from final
