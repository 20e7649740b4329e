-- Why a proposal is, or is not, in the backlog: exactly one verdict per proposal and run, with the bar it missed.
-- A view on the log of proposals, so that the two can never disagree.

{{ config(materialized='view') }}

with

proposals as (
    select * from {{ ref('learning_backlog_proposals') }}
),

final as (
    select
        run_id,
        proposal_number,
        candidate_key,
        source_type,
        source_ref,
        source_period_key,
        priority_score,
        priority,
        verdict,
        missed_bar.guardrail as missed_guardrail,
        missed_bar.measured as measured_value,
        missed_bar.bar as bar_value,
        reopens_because,
        proposed_at
    from proposals
)

select * from final
