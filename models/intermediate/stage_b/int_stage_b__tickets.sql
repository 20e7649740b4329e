-- The selections of the touched runs, each with whether it was hard and why. A ticket that a run came back to, in a
-- later epoch or step, is processed again and counts again. Verdicts are in the words of the contract.

{{ config(schema='scratch') }}

with

runs as ({{ of_touched_runs(ref('int_stage_b__runs')) }}
),

selections as (
    select * from {{ ref('stg_stage_b_selections') }}
    where not is_displaced and row_at <= {{ as_of() }}
),

words as ({{ policy_in_force(ref('verdict_words'), ['word']) }}
),

flagged as (
    select
        selections.* replace (coalesce(words.verdict, selections.verdict) as verdict),
        list_contains(selections.warnings, 'fail_first_override') as has_fail_first_override,
        len([w for w in selections.warnings if starts_with(w, 'fail_first')]) > 0 as has_fail_first_warning
    from selections
    left join words on selections.verdict = words.word
    semi join runs on selections.run_id = runs.run_id and selections.mission = runs.mission
),

-- Tickets chosen for being wrong can only be misses: what is hard for another reason can tell a good rule from a bad.
final as (
    select
        run_id,
        mission,
        ticket_key,
        group_id,
        gt_label,
        epoch,
        epoch_step,
        global_step,
        has_winner,
        verdict,
        given_reason as reason,
        vote_strength,
        label_match,
        selected_candidate,
        guidance_step,
        reflection_cycle,
        is_conflict,
        needs_manual_review,
        is_manual_review_recommended,
        has_low_agreement,
        has_fail_first_override,
        fail_first_exception_phrase,
        has_fail_first_override or is_conflict or (has_low_agreement and has_fail_first_warning)
            as is_hard_beyond_wrong,
        coalesce(not label_match, false) or is_hard_beyond_wrong as is_hard
    from flagged
)

select * from final
