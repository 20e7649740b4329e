-- What the rules make of each candidate: a total of 1 less every penalty, the dimensions that they speak of, and
-- whether it is shown. A paused source beats an editor's word, which beats the score. A view over stored hits, for a
-- pause or a threshold must not score anything again.

{{ config(materialized='view') }}

with

policy as ({{ policy_in_force(ref('editorial')) }}
),

scored as (
    select
        candidates.candidate_id,
        candidates.source_key,
        candidates.parser_confidence,
        text_scores.rule_version,
        list_concat(text_scores.hits, coalesce(duplicate_hits.hits, [])) as hits
    from {{ ref('idea_candidates') }} as candidates
    inner join {{ ref('int_quality__text_scores') }} as text_scores
        on candidates.candidate_id = text_scores.candidate_id
    left join {{ ref('int_quality__duplicate_hits') }} as duplicate_hits
        on candidates.candidate_id = duplicate_hits.candidate_id
),

measured as (
    select
        *,
        {{ dimension_penalty('structural') }} as structural_penalty,
        {{ dimension_penalty('actionability') }} as actionability_penalty,
        {{ dimension_penalty('clarity') }} as clarity_penalty,
        {{ dimension_penalty('specificity') }} as specificity_penalty,
        {{ dimension_penalty('safety') }} as safety_risk,
        {{ dimension_penalty('copyright') }} as copyright_risk,
        {{ dimension_penalty('duplicate') }} as duplicate_risk,
        greatest(0, 1 - coalesce(list_sum([hit.penalty for hit in hits]), 0))::double as total,
        len([hit for hit in hits if hit.is_hard_fail]) > 0 as is_hard_fail
    from scored
),

overrides as (
    select * from {{ ref('int_editorial__overrides') }}
    where subject = 'candidate' and is_last and decision != 'clear'
),

final as (
    select
        measured.candidate_id,
        measured.source_key,
        {{ rounded('least(coalesce(measured.parser_confidence, 1), 1 - measured.structural_penalty)') }}
            as structural_confidence,
        {{ rounded('1 - measured.actionability_penalty') }} as actionability,
        {{ rounded('1 - measured.clarity_penalty') }} as clarity,
        {{ rounded('1 - measured.specificity_penalty') }} as specificity,
        measured.safety_risk,
        measured.copyright_risk,
        measured.duplicate_risk,
        {{ rounded('measured.total') }} as total,
        to_json([
            {
                'rule_id': hit.rule_id, 'dimension': hit.dimension, 'text': hit.text_met,
                'penalty': hit.penalty::double, 'is_hard_fail': hit.is_hard_fail
            }
            for hit in measured.hits
        ]) as flags,
        measured.rule_version,
        measured.parser_confidence,
        measured.parser_confidence is null
        or {{ rounded('measured.parser_confidence') }} < policy.low_confidence_below as is_low_confidence,
        states.quality_threshold,
        measured.is_hard_fail,
        {{ quality_visibility('measured.total', 'states.quality_threshold', 'measured.is_hard_fail') }}
            as score_visibility,
        case
            when states.is_paused then 'hidden'
            else coalesce(overrides.decision, score_visibility)
        end as visibility,
        case
            when states.is_paused then 'source_paused'
            when overrides.override_id is not null then 'override'
            when measured.is_hard_fail then 'hard_fail'
            else 'score'
        end as visibility_reason
    from measured
    cross join policy
    inner join {{ ref('int_editorial__source_states') }} as states on measured.source_key = states.source_key
    left join overrides on measured.candidate_id = overrides.subject_key
)

select * from final
